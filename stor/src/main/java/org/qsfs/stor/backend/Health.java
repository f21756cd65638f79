package org.qsfs.stor.backend;

import java.time.Duration;
import org.qsfs.zdb.client.ZdbException;

/**
 * What the calls to one backend tell of it. State:
 *
 * <pre>
 *   DOWN (not met yet) ──► HEALTHY ◄──► SUSPECT (1 or 2 failures in a row) ──► DOWN (3, or the monitor failed)
 *                             ▲
 *                             └──────► FULL (refuses data or too little space; still read)
 * </pre>
 *
 * <p>Thread-safe; never blocks for long.
 */
final class Health {
    private static final int FAILURES_UNTIL_DOWN = 3;
    /** In that time without a read half of what is known of its latency is forgotten. */
    private static final long HALF_LIFE_NANOS = Duration.ofSeconds(2).toNanos();

    private static final long OLD_NANOS = Duration.ofSeconds(30).toNanos();

    private BackendState state = BackendState.DOWN;
    /** When it went down, by {@link System#nanoTime}, which stands still while the machine is suspended. */
    private long downSince = System.nanoTime();

    private String detail = "not reached yet";
    private boolean full;
    private int failuresInARow;
    private final RecentTimes reads = new RecentTimes();
    private long latencyMeasuredAt;
    private long freeBytes = Long.MAX_VALUE;
    private long liveBytes;
    private boolean acknowledgesAfterSync;

    /** What the monitor was told. */
    record Probe(long freeBytes, long liveBytes, boolean acknowledgesAfterSync, boolean locked) {}

    synchronized void readSucceeded(long nanos, long now) {
        reads.add(nanos);
        latencyMeasuredAt = now;
        succeeded();
    }

    /** A value was written; until the monitor looks again it counts as this many bytes. */
    synchronized void written(long bytes) {
        if (freeBytes != Long.MAX_VALUE) {
            freeBytes = Math.max(0, freeBytes - bytes);
        }
        liveBytes += bytes;
        succeeded();
    }

    synchronized void writeSucceeded() {
        succeeded();
    }

    /** A call failed. Refusals that say something about one value only do not count against the backend. */
    synchronized void failed(ZdbException failure) {
        String reason = String.valueOf(failure.getMessage());
        switch (failure) {
            case ZdbException.Cancelled cancelled -> {}
            case ZdbException.Unreadable oneValue -> {}
            case ZdbException.NoSpace noSpace -> full(reason);
            case ZdbException.Locked locked -> full(reason);
            case ZdbException.ReadOnly readOnly -> full(reason);
            case ZdbException.Frozen frozen -> down(reason);
            case ZdbException.Denied denied -> down(reason);
            case ZdbException.NamespaceMissing missing -> down(reason);
            case ZdbException.Unreachable unreachable -> oneMoreFailure(reason);
            case ZdbException.Timeout timeout -> oneMoreFailure(reason);
            case ZdbException.Protocol protocol -> oneMoreFailure(reason);
            case ZdbException.Rejected rejected -> oneMoreFailure(reason);
        }
    }

    /** A call has been under way for longer than a reader would wait. */
    synchronized void overdue(String reason) {
        if (state == BackendState.HEALTHY || state == BackendState.FULL) {
            state = BackendState.SUSPECT;
            detail = reason;
        }
    }

    /** The monitor asked and got an answer. */
    synchronized void probed(Probe probe, BackendTerms terms, long reserve) {
        freeBytes = probe.freeBytes();
        liveBytes = probe.liveBytes();
        long free = terms.free(freeBytes, liveBytes);
        boolean locked = probe.locked();
        boolean sync = probe.acknowledgesAfterSync();
        acknowledgesAfterSync = sync;
        full = locked || free < reserve;
        succeeded();
        if (full) {
            detail = locked ? "its namespace is locked" : "only " + free + " bytes are free";
        }
    }

    /** The monitor got no answer, or a wrong one. */
    synchronized void down(String reason) {
        goDown();
        detail = reason;
    }

    private void goDown() {
        if (state != BackendState.DOWN) {
            downSince = System.nanoTime();
        }
        state = BackendState.DOWN;
    }

    /** How long it has been down; zero when it is not. */
    synchronized Duration downFor() {
        return state == BackendState.DOWN ? Duration.ofNanos(System.nanoTime() - downSince) : Duration.ZERO;
    }

    synchronized BackendState state() {
        return state;
    }

    synchronized String detail() {
        return detail;
    }

    /** What a read is expected to take, in nanoseconds, for comparison: less and less while there is none, so that a backend is tried again, the later the slower it was. */
    synchronized long expectedNanos(long now) {
        return (long) (reads.median() * Math.pow(0.5, (now - latencyMeasuredAt) / (double) HALF_LIFE_NANOS));
    }

    /** What reads usually take, in nanoseconds; 0 when there was none for a while. */
    synchronized long latencyNanos(long now) {
        return now - latencyMeasuredAt > OLD_NANOS ? 0 : reads.median();
    }

    synchronized long freeBytes() {
        return freeBytes;
    }

    synchronized long liveBytes() {
        return liveBytes;
    }

    synchronized boolean acknowledgesAfterSync() {
        return acknowledgesAfterSync;
    }

    private void succeeded() {
        failuresInARow = 0;
        state = full ? BackendState.FULL : BackendState.HEALTHY;
        if (!full) {
            detail = "";
        }
    }

    private void full(String reason) {
        full = true;
        state = BackendState.FULL;
        detail = reason;
    }

    private void oneMoreFailure(String reason) {
        failuresInARow++;
        if (failuresInARow >= FAILURES_UNTIL_DOWN) {
            goDown();
        } else if (state != BackendState.DOWN) {
            state = BackendState.SUSPECT;
        }
        detail = reason;
    }
}
