package org.qsfs.metadata.zdb;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qsfs.erasure.ReedSolomon;
import org.qsfs.metadata.CatalogException;

/** Decides from what several namespaces hold under a name which version counts, and cuts values into shards. Thread-safe. */
final class Resolution {
    private final ZdbCatalogConfig config;
    private final ReedSolomon code;

    Resolution(ZdbCatalogConfig config) {
        this.config = config;
        this.code = ReedSolomon.of(config.dataShards(), config.total() - config.dataShards());
    }

    private record Generation(long epoch, long revision) {}

    /**
     * The highest version that was written to a quorum.
     *
     * @param answers what each node holds: null where it did not answer, empty where it holds nothing
     * @return empty when there is none
     * @throws CatalogException.Unavailable when there may be a higher one than can be read now
     */
    Optional<Version> resolve(List<@Nullable Optional<byte[]>> answers) {
        int silent = 0;
        TreeMap<Generation, List<ShardFormat>> found = new TreeMap<>(Comparator.comparingLong(Generation::epoch)
                .thenComparingLong(Generation::revision)
                .reversed());
        for (Optional<byte[]> answer : answers) {
            if (answer == null) {
                silent++;
            } else if (answer.isPresent()) {
                Optional<ShardFormat> shard = ShardFormat.decode(answer.get());
                if (shard.isEmpty()) {
                    // rotten: it may have been anything
                    silent++;
                } else {
                    found.computeIfAbsent(
                                    new Generation(
                                            shard.get().epoch(), shard.get().revision()),
                                    generation -> new ArrayList<>())
                            .add(shard.get());
                }
            }
        }
        for (List<ShardFormat> shards : found.values()) {
            ShardFormat any = shards.getFirst();
            long distinct =
                    shards.stream().mapToInt(ShardFormat::index).distinct().count();
            if (distinct >= any.k()) {
                return Optional.of(version(shards));
            }
            if (shards.size() + silent >= config.writeQuorum()) {
                throw new CatalogException.Unavailable(
                        "the catalog's value of \"" + any.key() + "\" of revision " + any.revision() + " has "
                                + distinct + " shards within reach, expected " + any.k()
                                + "; bring the other namespaces back",
                        null);
            }
            // fewer than a quorum can have it: it was never committed
        }
        return Optional.empty();
    }

    private Version version(List<ShardFormat> shards) {
        ShardFormat any = shards.getFirst();
        int size = any.payload().length;
        byte[] @Nullable [] values = new byte[any.n()][];
        boolean[] present = new boolean[any.n()];
        boolean[] wanted = new boolean[any.n()];
        for (ShardFormat shard : shards) {
            values[shard.index()] = shard.payload();
            present[shard.index()] = true;
        }
        for (int index = 0; index < any.k(); index++) {
            if (!present[index]) {
                wanted[index] = true;
                values[index] = new byte[size];
            }
        }
        ReedSolomon own = any.k() == code.dataShards() && any.n() == code.totalShards()
                ? code
                : ReedSolomon.of(any.k(), any.n() - any.k());
        own.reconstruct(values, present, wanted, 0, size);
        byte[] joined = new byte[any.length()];
        for (int index = 0; index < any.k(); index++) {
            int from = index * size;
            byte[] value = values[index];
            if (from < joined.length && value != null) {
                System.arraycopy(value, 0, joined, from, Math.min(size, joined.length - from));
            }
        }
        return new Version(any.key(), any.epoch(), any.revision(), any.deleted() ? null : joined);
    }

    /** The shard of a version for every node. */
    List<byte[]> shards(Version version) {
        byte[] value = version.value() == null ? new byte[0] : version.value();
        int k = code.dataShards();
        int n = code.totalShards();
        int size = ShardFormat.payloadLength(value.length, k);
        byte[][] payloads = new byte[n][size];
        for (int index = 0; index < k; index++) {
            int from = index * size;
            if (from < value.length) {
                System.arraycopy(value, from, payloads[index], 0, Math.min(size, value.length - from));
            }
        }
        code.encode(payloads, 0, size);
        List<byte[]> shards = new ArrayList<>();
        for (int index = 0; index < n; index++) {
            shards.add(new ShardFormat(
                            k,
                            n,
                            index,
                            version.value() == null,
                            version.epoch(),
                            version.revision(),
                            value.length,
                            version.key(),
                            payloads[index])
                    .encode());
        }
        return shards;
    }

    /** Whether a node holds what it should of a version. */
    static boolean holds(List<@Nullable Optional<byte[]>> answers, int node, byte[] expected) {
        Optional<byte[]> answer = answers.get(node);
        return answer != null && answer.isPresent() && Arrays.equals(answer.get(), expected);
    }
}
