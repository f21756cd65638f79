package org.qsfs.fs.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Last entry of each meta segment that was closed; a segment that was active at a crash has none.
 *
 * <pre>
 * offset size
 *   0     1   format version, 1
 *   1     1   flags, 0
 *   2     8   epoch of the writer
 *  10     4   number of this segment
 *  14     4   transactions in it
 *  18     8   sequence of the last transaction so far
 *  26     4   its checksum
 *  30    16   {@link SyncedThrough} when it was written; all data segments that follow are closed and before it
 *  46         varint number of data segments that transactions of this segment introduced records of, then each u32, ascending
 *         4   CRC-32C of all before
 * </pre>
 */
record SegmentTrailer(
        long epoch,
        int segment,
        int transactions,
        long sequence,
        int checksum,
        SyncedThrough synced,
        List<Integer> dataSegments)
        implements JournalEntry {
    /** Bytes besides the data segments: the fixed part, their count and the checksum. */
    static final int FIXED_BYTES = 46 + 5 + 4;

    static final int BYTES_PER_SEGMENT = 4;

    private static final int VERSION = 1;

    @Override
    public EntryKey key() {
        return new EntryKey(EntryKey.SEGMENT_TRAILER, segment);
    }

    @Override
    public ByteBuffer encode() {
        FieldWriter out = new FieldWriter(FIXED_BYTES + BYTES_PER_SEGMENT * dataSegments.size());
        out.u8(VERSION)
                .u8(0)
                .u64(epoch)
                .u32(segment)
                .u32(transactions)
                .u64(sequence)
                .u32(checksum);
        synced.write(out);
        out.varint(dataSegments.size());
        for (int needed : dataSegments) {
            out.u32(needed);
        }
        return out.seal().buffer();
    }

    static SegmentTrailer decode(ByteBuffer value) throws JournalFormatException {
        FieldReader in = FieldReader.sealed("segment trailer", VERSION, value);
        long epoch = in.u64();
        int segment = in.u32();
        int transactions = in.u32();
        long sequence = in.u64();
        int checksum = in.u32();
        SyncedThrough synced = SyncedThrough.read(in);
        int count = in.count(BYTES_PER_SEGMENT);
        List<Integer> dataSegments = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            dataSegments.add(in.u32());
        }
        in.end();
        return new SegmentTrailer(epoch, segment, transactions, sequence, checksum, synced, dataSegments);
    }
}
