package org.qsfs.stor.repair;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.qsfs.stor.backend.ShardTarget;
import org.qsfs.stor.flow.MemoryBudget;
import org.qsfs.stor.flow.RateLimit;
import org.qsfs.stor.read.ShardGatherer;
import org.qsfs.stor.read.Shards;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.ZdbException;

/**
 * Makes shards of a stripe again out of k others and writes them. Reads k values, writes the wanted ones, encrypts nothing.
 *
 * <p>Thread-safe.
 */
public final class ShardRegeneration {
    private final ShardGatherer gatherer;
    private final MemoryBudget memory;
    private final Duration patience;
    private final RateLimit rate;

    /**
     * @param patience how long to wait for memory
     * @param rate of reading and writing together
     */
    public ShardRegeneration(ShardGatherer gatherer, MemoryBudget memory, Duration patience, RateLimit rate) {
        this.gatherer = gatherer;
        this.memory = memory;
        this.patience = patience;
        this.rate = rate;
    }

    /** A value of a shard could not be written. */
    public static final class WriteFailed extends IOException {
        private static final long serialVersionUID = 1L;
        private final int shard;

        WriteFailed(int shard, ZdbException cause) {
            super(cause.getMessage(), cause);
            this.shard = shard;
        }

        /** The shard. */
        public int shard() {
            return shard;
        }
    }

    /**
     * Makes shards of one stripe and writes them.
     *
     * @param places where every shard is, by index; those that are to be made are not read
     * @param targets where each shard to make is to go, by index
     * @return bytes written
     * @throws WriteFailed naming the first shard that could not be written
     */
    public long regenerate(StripeCodec codec, int stripe, List<ShardPlace> places, Map<Integer, ShardTarget> targets)
            throws IOException {
        int k = codec.attempt().policy().minimalShards();
        long bytes = StripeCodec.memory(codec.attempt().layout().stripeSize(), k, k + targets.size());
        try (MemoryBudget.Reservation reserved = memory.reserve(bytes, patience)) {
            if (reserved == null) {
                throw new IOException("no memory for repairing segment "
                        + codec.attempt().segment() + " within " + patience.toMillis() + " ms");
            }
            rate.acquire((long) codec.longestValue(stripe) * (k + targets.size()));
            Shards shards = gatherer.gather(codec, stripe, places);
            codec.regenerate(shards.header(), shards.values(), List.copyOf(targets.keySet()));
            long written = 0;
            for (Map.Entry<Integer, ShardTarget> target : targets.entrySet()) {
                byte[] value = shards.values()[target.getKey()];
                if (value != null) {
                    write(codec, stripe, target.getKey(), target.getValue(), value);
                    written += value.length;
                }
            }
            return written;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(
                    "repairing segment " + codec.attempt().segment() + " was interrupted");
        }
    }

    private static void write(StripeCodec codec, int stripe, int shard, ShardTarget target, byte[] value)
            throws WriteFailed {
        try {
            target.write(new ShardName(codec.attempt().volume(), codec.attempt().id(), stripe, shard), value);
        } catch (ZdbException failed) {
            throw new WriteFailed(shard, failed);
        }
    }
}
