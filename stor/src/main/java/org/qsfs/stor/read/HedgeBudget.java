package org.qsfs.stor.read;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/**
 * Allows second requests that are only there to be quicker: to a share of all reads, and none while the processors are busy, when they would make everything
 * slower.
 *
 * <p>Thread-safe.
 */
final class HedgeBudget {
    private static final double BUSY = 0.9;
    private static final long LOAD_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** A quiet time does not save up for a storm. */
    private static final double MOST_SAVED = 10;

    private final double perRead;
    private double saved = 1;
    private boolean busy;
    private long loadReadAt = System.nanoTime() - LOAD_AGE_NANOS;

    HedgeBudget(int percent) {
        this.perRead = percent / 100.0;
    }

    /** A read began. */
    synchronized void earn() {
        saved = Math.min(MOST_SAVED, saved + perRead);
    }

    /** Whether one more hedge may be sent; if so it is counted. */
    synchronized boolean spend() {
        if (saved < 1 || processorsAreBusy()) {
            return false;
        }
        saved--;
        return true;
    }

    private boolean processorsAreBusy() {
        long now = System.nanoTime();
        if (now - loadReadAt >= LOAD_AGE_NANOS) {
            loadReadAt = now;
            busy = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                            .getCpuLoad()
                    > BUSY;
        }
        return busy;
    }
}
