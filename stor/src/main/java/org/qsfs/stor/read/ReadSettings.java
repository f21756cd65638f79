package org.qsfs.stor.read;

import java.time.Duration;

/**
 * How reads behave.
 *
 * @param deadline after this a read of a stripe fails, whatever backends do
 * @param patience a request without an answer for so long is presumed lost: its backend is avoided and another shard is asked for
 * @param shortestHedge no second request is sent before this, however quick a backend usually is
 * @param hedgePercent of all stripe reads, at most so many may send a request that is only there to be quicker
 * @param cacheBytes decoded stripes kept in memory
 */
public record ReadSettings(
        Duration deadline, Duration patience, Duration shortestHedge, int hedgePercent, long cacheBytes) {
    /** 15 s, 2 s, 20 ms, 5 %, 16 MiB. */
    public static final ReadSettings DEFAULT =
            new ReadSettings(Duration.ofSeconds(15), Duration.ofSeconds(2), Duration.ofMillis(20), 5, 16L << 20);
}
