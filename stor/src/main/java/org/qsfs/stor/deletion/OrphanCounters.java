package org.qsfs.stor.deletion;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What collections of orphans came to since the engine was opened. Thread-safe. */
public final class OrphanCounters {
    private final LongAdder collections = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder deletedShards = new LongAdder();
    private final LongAdder deletedBytes = new LongAdder();
    private volatile @Nullable Instant last;

    /**
     * The counts at one moment.
     *
     * @param collections collections that ended, those by hand included
     * @param refused scheduled ones that did not begin because the catalog may lack records
     * @param deletedShards shards deleted
     * @param deletedBytes bytes of these
     * @param last when the last scheduled one began, also before this engine was opened; empty when that is not known
     */
    public record Snapshot(
            long collections, long refused, long deletedShards, long deletedBytes, Optional<Instant> last) {}

    /** All counts. */
    public Snapshot snapshot() {
        return new Snapshot(
                collections.sum(), refused.sum(), deletedShards.sum(), deletedBytes.sum(), Optional.ofNullable(last));
    }

    void ended(OrphanReport report) {
        collections.increment();
        if (report.deleted() > 0) {
            deletedShards.add(report.deleted());
            deletedBytes.add(report.bytes());
        }
    }

    void refused() {
        refused.increment();
    }

    void scheduled(Instant begin) {
        last = begin;
    }
}
