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
 * @param uploadBytesPerSecond what uploads may send, all together; 0 for no limit
 * @param healing how the volume looks after itself
 * @param drain how long closing waits for running calls
 */
public record StorConfig(
        RedundancyPolicy policy,
        int stripeSize,
        long uploadMemory,
        long readMemory,
        ReadSettings reads,
        Duration settle,
        long uploadBytesPerSecond,
        Healing healing,
        Duration drain) {

    /**
     * What the engine does by itself to keep segments whole.
     *
     * @param repairInterval pause between two passes of the repairer; zero for nothing at all in the background, scrubs included
     * @param repairAfter how long a backend may be down before its shards are made again on others
     * @param scrubCheck time from one scrub in which backends compare every value with its checksum to the next; zero for none
     * @param scrubRead time from one scrub that reads every value and checks its MAC to the next; zero for none
     * @param gc time from one collection of orphans to the next; zero for none
     * @param bytesPerSecond what repairs, scrubs and collections may read and write together; 0 for no limit
     */
    public record Healing(
            Duration repairInterval,
            Duration repairAfter,
            Duration scrubCheck,
            Duration scrubRead,
            Duration gc,
            long bytesPerSecond) {
        /** Every 60 s, backends that are down for 15 minutes, a check daily, a read in 30 days, orphans daily, 64 MiB per second. */
        public static final Healing DEFAULT = new Healing(
                Duration.ofSeconds(60),
                Duration.ofMinutes(15),
                Duration.ofDays(1),
                Duration.ofDays(30),
                Duration.ofDays(1),
                64L << 20);

        /** Nothing by itself. */
        public static final Healing NONE =
                new Healing(Duration.ZERO, DEFAULT.repairAfter(), Duration.ZERO, Duration.ZERO, Duration.ZERO, 0);

        public Healing withRepairInterval(Duration interval) {
            return new Healing(interval, repairAfter, scrubCheck, scrubRead, gc, bytesPerSecond);
        }

        public Healing withRepairAfter(Duration after) {
            return new Healing(repairInterval, after, scrubCheck, scrubRead, gc, bytesPerSecond);
        }

        public Healing withScrubs(Duration check, Duration read) {
            return new Healing(repairInterval, repairAfter, check, read, gc, bytesPerSecond);
        }

        public Healing withGc(Duration interval) {
            return new Healing(repairInterval, repairAfter, scrubCheck, scrubRead, interval, bytesPerSecond);
        }
    }

    /** 4 MiB stripes, 64 MB for uploads, 48 MB for reads, 120 s to settle, {@link Healing#DEFAULT}, 10 s to drain. */
    public static StorConfig of(RedundancyPolicy policy) {
        return new StorConfig(
                policy,
                StripeLayout.DEFAULT_STRIPE_SIZE,
                64L << 20,
                48L << 20,
                ReadSettings.DEFAULT,
                Duration.ofSeconds(120),
                0,
                Healing.DEFAULT,
                Duration.ofSeconds(10));
    }

    public StorConfig with(RedundancyPolicy next) {
        return new StorConfig(
                next, stripeSize, uploadMemory, readMemory, reads, settle, uploadBytesPerSecond, healing, drain);
    }

    public StorConfig with(ReadSettings next) {
        return new StorConfig(
                policy, stripeSize, uploadMemory, readMemory, next, settle, uploadBytesPerSecond, healing, drain);
    }

    public StorConfig with(Healing next) {
        return new StorConfig(
                policy, stripeSize, uploadMemory, readMemory, reads, settle, uploadBytesPerSecond, next, drain);
    }

    public StorConfig withStripeSize(int bytes) {
        return new StorConfig(
                policy, bytes, uploadMemory, readMemory, reads, settle, uploadBytesPerSecond, healing, drain);
    }

    public StorConfig withSettle(Duration time) {
        return new StorConfig(
                policy, stripeSize, uploadMemory, readMemory, reads, time, uploadBytesPerSecond, healing, drain);
    }

    public StorConfig withUploadBytesPerSecond(long bytes) {
        return new StorConfig(policy, stripeSize, uploadMemory, readMemory, reads, settle, bytes, healing, drain);
    }

    public StorConfig withRepairAfter(Duration after) {
        return with(healing.withRepairAfter(after));
    }

    public StorConfig {
        if (!StripeLayout.isLegal(1, stripeSize)) {
            throw new IllegalArgumentException("stripe_size " + stripeSize + " is not between "
                    + StripeLayout.MIN_STRIPE_SIZE + " and " + StripeLayout.MAX_STRIPE_SIZE);
        }
    }
}
