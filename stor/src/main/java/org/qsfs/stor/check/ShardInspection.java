package org.qsfs.stor.check;

import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.flow.MemoryBudget;
import org.qsfs.stor.flow.RateLimit;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.stripe.ShardCheck;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.CheckResult;
import org.qsfs.zdb.client.ZdbException;

/** Looks at every value of one shard, one after another, within bounds of memory and bandwidth. Thread-safe. */
public final class ShardInspection {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final MemoryBudget memory;
    private final RateLimit rate;

    /**
     * What was found.
     *
     * @param bad the stripes whose value is missing, rotten or foreign
     * @param bytes bytes fetched
     */
    public record Finding(BitSet bad, long bytes) {}

    /**
     * @param memory for values that are fetched
     * @param rate of fetching
     */
    public ShardInspection(MemoryBudget memory, RateLimit rate) {
        this.memory = memory;
        this.rate = rate;
    }

    /**
     * Looks at a shard.
     *
     * @param keys under which its values are to be there
     * @throws ZdbException when the backend does not answer, which says nothing about the shard
     * @throws IOException when there is no memory for a value, which says nothing either
     */
    public Finding inspect(CheckDepth depth, StripeCodec codec, int shard, Backend backend, ShardKeys keys)
            throws IOException, InterruptedException {
        BitSet bad = new BitSet();
        long bytes = 0;
        for (int stripe = 0; stripe < codec.attempt().layout().stripes(); stripe++) {
            ShardName name =
                    new ShardName(codec.attempt().volume(), codec.attempt().id(), stripe, shard);
            boolean good;
            if (depth == CheckDepth.CHECK) {
                good = backend.check(name, keys) == CheckResult.OK;
            } else {
                int length = codec.longestValue(stripe);
                rate.acquire(length);
                bytes += length;
                good = isGood(codec, name, backend, keys, length);
            }
            if (!good) {
                bad.set(stripe);
            }
        }
        return new Finding(bad, bytes);
    }

    private boolean isGood(StripeCodec codec, ShardName name, Backend backend, ShardKeys keys, int length)
            throws IOException, InterruptedException {
        try (MemoryBudget.Reservation reserved = memory.reserve(length, PATIENCE)) {
            if (reserved == null) {
                throw new IOException("no memory to look at shard " + name.shard() + " of segment "
                        + codec.attempt().segment() + " within " + PATIENCE.toSeconds() + " s");
            }
            Optional<byte[]> value = backend.read(name, keys);
            return value.isPresent()
                    && codec.check(name.stripe(), name.shard(), value.get()) instanceof ShardCheck.Good;
        } catch (ZdbException.Unreadable rotten) {
            return false;
        }
    }
}
