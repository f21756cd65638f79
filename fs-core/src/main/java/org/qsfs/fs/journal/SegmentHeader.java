package org.qsfs.fs.journal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.zdb.log.LogPosition;

/**
 * First entry of each meta segment.
 *
 * <pre>
 * offset size
 *   0     1   format version, 1
 *   1     1   flags, 0
 *   2    16   volume id
 *  18     8   epoch of the writer
 *  26     4   number of this segment
 *  30     4   number of the segment before, ffffffff = none
 *  34     8   epoch of the segment before: when it differs from this epoch, the segment before is the head that this epoch forks from
 *  42    32   SHA-256 of the file of the segment before, zeros = none
 *  74     8   sequence of the last transaction before this segment, 0 = none
 *  82     4   its checksum
 *  86    33   {@link VolumeCounters} behind it
 * 119     8   everything before is durable: data segment (u32), offset (u32)
 * 127     1   1 when a checkpoint follows, else 0
 * 128    24   {@link CheckpointPointer}, only with a checkpoint: the newest complete one
 *         4   CRC-32C of all before
 * </pre>
 *
 * @param predecessor the segment before in the chain, null for the first
 * @param sequence of the last transaction before this segment
 * @param checksum of that transaction
 * @param syncedData everything before in the data namespace is durable
 */
record SegmentHeader(
        VolumeId volume,
        long epoch,
        int segment,
        @Nullable SegmentLink predecessor,
        long sequence,
        int checksum,
        VolumeCounters counters,
        LogPosition syncedData,
        @Nullable CheckpointPointer checkpoint)
        implements JournalEntry {
    private static final int VERSION = 1;
    private static final int NO_SEGMENT = -1;

    @Override
    public EntryKey key() {
        return new EntryKey(EntryKey.SEGMENT_HEADER, segment);
    }

    /** The place before the first transaction of this segment. */
    JournalPoint start() {
        return new JournalPoint(sequence, checksum, new LogPosition(segment, 0), counters);
    }

    @Override
    public ByteBuffer encode() {
        FieldWriter out = new FieldWriter(160);
        out.u8(VERSION).u8(0).bytes(volume.toBytes()).u64(epoch).u32(segment);
        SegmentLink link = predecessor;
        if (link == null) {
            out.u32(NO_SEGMENT).u64(0).bytes(new byte[Sha256.BYTES]);
        } else {
            out.u32(link.segment()).u64(link.epoch()).bytes(link.hash().bytes());
        }
        out.u64(sequence).u32(checksum);
        counters.write(out);
        out.position(syncedData);
        CheckpointPointer pointer = checkpoint;
        out.u8(pointer == null ? 0 : 1);
        if (pointer != null) {
            pointer.write(out);
        }
        return out.seal().buffer();
    }

    static SegmentHeader decode(ByteBuffer value) throws JournalFormatException {
        FieldReader in = FieldReader.sealed("segment header", VERSION, value);
        VolumeId volume = VolumeId.of(in.bytes(VolumeId.BYTES));
        long epoch = in.u64();
        int segment = in.u32();
        int before = in.u32();
        long beforeEpoch = in.u64();
        Sha256 hash = Sha256.of(in.bytes(Sha256.BYTES));
        if (segment < 0 || before < NO_SEGMENT || before >= segment) {
            throw in.wrong("of segment " + segment + " that follows segment " + before);
        }
        SegmentLink predecessor = before == NO_SEGMENT ? null : new SegmentLink(before, beforeEpoch, hash);
        long sequence = in.u64();
        int checksum = in.u32();
        VolumeCounters counters = VolumeCounters.read(in);
        LogPosition syncedData = in.position();
        int present = in.u8();
        if (present > 1) {
            throw in.wrong("with " + present + " checkpoints");
        }
        CheckpointPointer checkpoint = present == 0 ? null : CheckpointPointer.read(in);
        in.end();
        return new SegmentHeader(
                volume, epoch, segment, predecessor, sequence, checksum, counters, syncedData, checkpoint);
    }
}
