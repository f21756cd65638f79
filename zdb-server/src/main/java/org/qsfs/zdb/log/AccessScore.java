package org.qsfs.zdb.log;

import java.util.concurrent.TimeUnit;

/**
 * Recency and frequency of accesses in one number: each access counts 1, and what was counted halves every {@link #HALF_LIFE_NANOS} (LRFU; Lee et al., "LRFU: A Spectrum of
 * Policies that Subsumes the LRU and LFU Policies", IEEE Transactions on Computers 50, 2001). Accesses within {@link #RESOLUTION_NANOS} of a counted one are not counted, so a busy
 * reader pays for a comparison only.
 *
 * <p>Times are those of {@link System#nanoTime}. Any thread.
 */
final class AccessScore {
    static final long HALF_LIFE_NANOS = TimeUnit.HOURS.toNanos(1);
    static final long RESOLUTION_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private volatile long counted;
    private double score;

    /** Never accessed. */
    AccessScore(long now) {
        counted = now - RESOLUTION_NANOS;
    }

    void accessed(long now) {
        if (now - counted >= RESOLUTION_NANOS) {
            count(now);
        }
    }

    private synchronized void count(long now) {
        score = at(now) + 1;
        counted = now;
    }

    /** The score as it is at a time; 0 when there was no access. */
    synchronized double at(long now) {
        return score * Math.pow(0.5, Math.max(0, now - counted) / (double) HALF_LIFE_NANOS);
    }
}
