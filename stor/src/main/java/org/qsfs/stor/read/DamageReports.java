package org.qsfs.stor.read;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.qsfs.stor.segment.SegmentId;

/**
 * Shards that a reader found missing or rotten, for the repairer. Bounded: of many reports the first are kept, since every later read finds the rest again.
 *
 * <p>Thread-safe.
 */
public final class DamageReports {
    private static final int MOST = 10_000;

    /**
     * One shard of one segment.
     *
     * @param segment the segment
     * @param shard the shard index
     */
    public record Report(SegmentId segment, int shard) {}

    private final Set<Report> reports = new LinkedHashSet<>();

    /** Remembers a shard. */
    public synchronized void add(SegmentId segment, int shard) {
        if (reports.size() < MOST) {
            reports.add(new Report(segment, shard));
        }
    }

    /** Hands over all reports and forgets them. */
    public synchronized List<Report> take() {
        List<Report> taken = new ArrayList<>(reports);
        reports.clear();
        return taken;
    }

    /** How many wait. */
    public synchronized int size() {
        return reports.size();
    }
}
