package org.qsfs.stor;

import java.time.Duration;
import org.qsfs.stor.read.ReadSettings;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.StripeLayout;

/**
 * Settings of a stor engine.
 *
 * @param policy for segments stored from now on; each segment keeps the one it was stored with
 * @param stripeSize plain bytes of a stripe, for segments stored from now on
 * @param uploadMemory bytes that stripes being uploaded or repaired may use
 * @param readMemory bytes that stripes being read may use
 * @param reads how reads behave
 * @param settle how long after its last write a backend that does not sync may still lose it
 * @param repairInterval pause between two passes of the repairer; zero for none in the background
 * @param repairAfter how long a backend may be down before its shards are made again on others
 * @param drain how long closing waits for running calls
 */
public record StorConfig(
        RedundancyPolicy policy,
        int stripeSize,
        long uploadMemory,
        long readMemory,
        ReadSettings reads,
        Duration settle,
        Duration repairInterval,
        Duration repairAfter,
        Duration drain) {
    private static final Duration REPAIR_AFTER = Duration.ofMinutes(15);

    /** 4 MiB stripes, 64 MB for uploads, 48 MB for reads, 120 s to settle, repair every 60 s, of backends that are down for 15 minutes, 10 s to drain. */
    public static StorConfig of(RedundancyPolicy policy) {
        return new StorConfig(
                policy,
                StripeLayout.DEFAULT_STRIPE_SIZE,
                64L << 20,
                48L << 20,
                ReadSettings.DEFAULT,
                Duration.ofSeconds(120),
                Duration.ofSeconds(60),
                REPAIR_AFTER,
                Duration.ofSeconds(10));
    }

    /** With the usual {@code repairAfter}. */
    public StorConfig(
            RedundancyPolicy policy,
            int stripeSize,
            long uploadMemory,
            long readMemory,
            ReadSettings reads,
            Duration settle,
            Duration repairInterval,
            Duration drain) {
        this(policy, stripeSize, uploadMemory, readMemory, reads, settle, repairInterval, REPAIR_AFTER, drain);
    }

    public StorConfig withRepairAfter(Duration after) {
        return new StorConfig(
                policy, stripeSize, uploadMemory, readMemory, reads, settle, repairInterval, after, drain);
    }

    public StorConfig {
        if (!StripeLayout.isLegal(1, stripeSize)) {
            throw new IllegalArgumentException("stripe_size " + stripeSize + " is not between "
                    + StripeLayout.MIN_STRIPE_SIZE + " and " + StripeLayout.MAX_STRIPE_SIZE);
        }
    }
}
