package org.qsfs.stor.scrub;

import java.util.List;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.SegmentId;

/**
 * What a scrub found.
 *
 * @param segments segments looked at
 * @param shards shards looked at to their end
 * @param values values found right or wrong
 * @param bytes bytes fetched; 0 for a {@code CHECK}
 * @param damagedShards shards with a value that is missing, rotten or foreign
 * @param damaged the first of them
 * @param unreachableShards shards that could not be looked at because their backend did not answer; a later scrub has to
 * @param repairedSegments damaged segments that have all their shards again
 * @param unrepairedSegments damaged segments that have not; the repairer goes on with them
 */
public record ScrubReport(
        long segments,
        long shards,
        long values,
        long bytes,
        long damagedShards,
        List<Damaged> damaged,
        long unreachableShards,
        long repairedSegments,
        long unrepairedSegments) {

    /**
     * A damaged shard.
     *
     * @param segment the segment
     * @param shard the shard index
     * @param backend where it is
     * @param values how many of its values are bad
     */
    public record Damaged(SegmentId segment, int shard, BackendId backend, int values) {}

    public ScrubReport {
        damaged = List.copyOf(damaged);
    }
}
