package org.qsfs.stor;

import java.util.List;
import org.qsfs.stor.deletion.OrphanCounters;
import org.qsfs.stor.read.ReadCounters;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.upload.UploadCounters;

/**
 * What the engine did since it was opened, and what it is doing.
 *
 * @param reads counts of reads
 * @param uploads counts of uploads
 * @param repairedSegments segments that the repairer brought back to all their shards
 * @param orphans what collections of orphans came to
 * @param running uploads under way
 * @param damageReports shards that wait to be looked at by the repairer
 */
public record StorStatistics(
        ReadCounters.Snapshot reads,
        UploadCounters.Snapshot uploads,
        long repairedSegments,
        OrphanCounters.Snapshot orphans,
        List<UploadProgress> running,
        int damageReports) {

    /**
     * An upload under way.
     *
     * @param segment the segment
     * @param stripesDone stripes of which nothing is left to do
     * @param stripes all its stripes
     */
    public record UploadProgress(SegmentId segment, int stripesDone, int stripes) {}
}
