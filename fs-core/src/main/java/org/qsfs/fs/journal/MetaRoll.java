package org.qsfs.fs.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.stor.segment.Sha256;

/**
 * A closed meta segment. It may be published when the one before is and all its data segments are stored.
 *
 * @param segment number
 * @param epoch of its writer
 * @param predecessor the segment before in the chain, null for the first
 * @param hash SHA-256 of its file, as the next segment quotes it
 * @param dataSegments numbers of all closed data segments that its transactions introduced records of, ascending
 * @param transactions how many it holds
 * @param lastSequence sequence of the last transaction up to its end
 * @param checkpoint the newest checkpoint that was complete when the segment was closed
 */
public record MetaRoll(
        int segment,
        long epoch,
        @Nullable SegmentLink predecessor,
        Sha256 hash,
        List<Integer> dataSegments,
        int transactions,
        long lastSequence,
        @Nullable CheckpointPointer checkpoint) {
    /** How a successor names it. */
    public SegmentLink link() {
        return new SegmentLink(segment, epoch, hash);
    }
}
