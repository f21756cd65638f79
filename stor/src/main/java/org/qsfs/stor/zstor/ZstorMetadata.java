package org.qsfs.stor.zstor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.qsfs.erasure.ReedSolomon;
import org.qsfs.stor.segment.Blake2b128;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.client.ZdbException;
import org.qsfs.zdb.client.ZdbTimeouts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * zstor's metadata store: each value encrypted, padded, and cut 2+2 over four user-mode namespaces, under the same key in each.
 *
 * <pre>
 *   value of a namespace:  index u8 (0 to 3) | shard | BLAKE2b-128 of the shard
 *   key of an object:      /PREFIX/meta/HASH
 * </pre>
 *
 * <p>Nothing marks which write a shard belongs to, so every pair of good shards is tried until one decrypts. Unlike zstor, any two namespaces suffice.
 */
final class ZstorMetadata implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ZstorMetadata.class);
    private static final int DATA_SHARDS = 2;
    private static final int SHARDS = 4;
    private static final int CONNECTIONS = 1;

    private final ZstorSettings settings;
    private final List<ZdbClient> namespaces = new ArrayList<>();
    private final ReedSolomon code = ReedSolomon.of(DATA_SHARDS, SHARDS - DATA_SHARDS);

    private record Shard(int index, byte[] bytes) {}

    ZstorMetadata(ZstorSettings settings, ZdbTimeouts timeouts) {
        this.settings = settings;
        for (ZdbEndpoint endpoint : settings.metadata()) {
            namespaces.add(new ZdbClient(endpoint, timeouts, CONNECTIONS));
        }
    }

    /** Hashes of all objects that any namespace knows. */
    SortedSet<String> hashes() throws ZstorException {
        String start = key("");
        SortedSet<String> all = new TreeSet<>();
        List<ZdbException> failures = new ArrayList<>();
        for (ZdbClient namespace : namespaces) {
            try {
                namespace.scan(entry -> {
                    String key = new String(entry.key(), StandardCharsets.UTF_8);
                    if (key.startsWith(start)) {
                        all.add(key.substring(start.length()));
                    }
                });
            } catch (ZdbException e) {
                failures.add(e);
                LOG.warn("the keys of {} are left out: {}", namespace.endpoint(), e.getMessage());
            }
        }
        if (namespaces.size() - failures.size() < DATA_SHARDS) {
            throw tooFew("the list of objects", failures);
        }
        return all;
    }

    /** The record of an object, empty when there is none. */
    Optional<ZstorRecord> find(String hash) throws ZstorException {
        byte[] key = key(hash).getBytes(StandardCharsets.UTF_8);
        List<ZdbException> failures = new ArrayList<>();
        List<Shard> shards = new ArrayList<>();
        int found = 0;
        for (ZdbClient namespace : namespaces) {
            try {
                Optional<byte[]> value = namespace.get(key);
                found += value.isPresent() ? 1 : 0;
                value.flatMap(ZstorMetadata::shard).ifPresent(shards::add);
            } catch (ZdbException e) {
                failures.add(e);
                LOG.debug("no metadata of {} from {}: {}", hash, namespace.endpoint(), e.getMessage());
            }
        }
        if (found == 0 && namespaces.size() - failures.size() >= DATA_SHARDS) {
            return Optional.empty();
        }
        if (shards.size() < DATA_SHARDS && !failures.isEmpty()) {
            throw tooFew("metadata of object " + hash, failures);
        }
        return Optional.of(ZstorRecord.decode(hash, value(hash, shards)));
    }

    private static Optional<Shard> shard(byte[] value) {
        int end = value.length - Blake2b128.BYTES;
        if (end < 2 || value[0] < 0 || value[0] >= SHARDS) {
            return Optional.empty();
        }
        byte[] bytes = Arrays.copyOfRange(value, 1, end);
        return Arrays.equals(Blake2b128.of(bytes), 0, Blake2b128.BYTES, value, end, value.length)
                ? Optional.of(new Shard(value[0], bytes))
                : Optional.empty();
    }

    private byte[] value(String hash, List<Shard> shards) throws ZstorException {
        for (int i = 0; i < shards.size(); i++) {
            for (int j = i + 1; j < shards.size(); j++) {
                Shard one = shards.get(i);
                Shard other = shards.get(j);
                if (one.index() != other.index() && one.bytes().length == other.bytes().length) {
                    Optional<byte[]> value = decrypted(joined(one, other));
                    if (value.isPresent()) {
                        return value.get();
                    }
                }
            }
        }
        throw new ZstorException(
                "metadata of object " + hash + " cannot be decrypted from its " + shards.size()
                        + " readable shards; check that the keys under [encryption] and [meta.config.encryption] are those it was written with");
    }

    private byte[] joined(Shard one, Shard other) {
        int length = one.bytes().length;
        byte[][] all = new byte[SHARDS][length];
        boolean[] present = new boolean[SHARDS];
        for (Shard shard : List.of(one, other)) {
            all[shard.index()] = shard.bytes();
            present[shard.index()] = true;
        }
        code.reconstruct(all, present, new boolean[] {true, true, false, false}, 0, length);
        byte[] joined = Arrays.copyOf(all[0], DATA_SHARDS * length);
        System.arraycopy(all[1], 0, joined, length, length);
        return joined;
    }

    private Optional<byte[]> decrypted(byte[] padded) {
        int padding = padded[padded.length - 1];
        if (padding < 1 || padding > DATA_SHARDS) {
            return Optional.empty();
        }
        byte[] sealed = Arrays.copyOf(padded, padded.length - padding);
        for (byte[] key : settings.keys()) {
            try {
                return Optional.of(ZstorCipher.decrypt(key, sealed));
            } catch (InvalidCipherTextException e) {
                LOG.trace("not this key or not this pair of shards", e);
            }
        }
        return Optional.empty();
    }

    private String key(String hash) {
        return "/" + settings.prefix() + "/meta/" + hash;
    }

    private ZstorException tooFew(String what, List<ZdbException> failures) {
        return new ZstorException(
                what + " cannot be read: " + failures.size() + " of " + namespaces.size()
                        + " metadata namespaces fail, two must answer: "
                        + failures.getFirst().getMessage(),
                failures.getFirst());
    }

    @Override
    public void close() {
        namespaces.forEach(ZdbClient::close);
    }
}
