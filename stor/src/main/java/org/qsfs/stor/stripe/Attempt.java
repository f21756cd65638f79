package org.qsfs.stor.stripe;

import org.qsfs.encryption.AttemptId;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.StripeLayout;

/**
 * One try to store one segment: everything that all its shards have in common.
 *
 * @param volume the volume
 * @param segment the segment
 * @param id 128 random bits, used in one process run only
 * @param keyVersion version of the master key that its keys come from
 * @param policy k, n and the losses to survive
 * @param layout length of the segment and of its stripes
 */
public record Attempt(
        VolumeId volume,
        SegmentId segment,
        AttemptId id,
        int keyVersion,
        RedundancyPolicy policy,
        StripeLayout layout) {

    /** The attempt whose shards a record names. */
    public static Attempt of(VolumeId volume, SegmentRecord record) {
        return new Attempt(
                volume, record.id(), record.attempt(), record.keyVersion(), record.policy(), record.layout());
    }
}
