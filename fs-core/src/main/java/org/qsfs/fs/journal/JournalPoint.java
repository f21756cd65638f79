package org.qsfs.fs.journal;

import java.nio.ByteBuffer;
import org.qsfs.zdb.log.LogPosition;

/**
 * A place in the journal between transactions, and what is true there.
 *
 * <pre>
 * offset size
 *   0     1   format version, 1
 *   1     1   flags, 0
 *   2     8   sequence of the last transaction before, 0 = none
 *  10     4   its checksum, 0 = none
 *  14     8   position behind it: meta segment (u32), offset (u32)
 *  22    33   {@link VolumeCounters}
 *  55     4   CRC-32C of all before
 * </pre>
 *
 * This is also the mark of an index.
 */
record JournalPoint(long sequence, int checksum, LogPosition position, VolumeCounters counters) {
    static final int ENCODED_BYTES = 59;

    private static final int VERSION = 1;

    /** Before everything. */
    static final JournalPoint START = new JournalPoint(0, 0, LogPosition.START, VolumeCounters.NONE);

    byte[] encode() {
        FieldWriter out = new FieldWriter(ENCODED_BYTES);
        out.u8(VERSION).u8(0).u64(sequence).u32(checksum).position(position);
        counters.write(out);
        return out.seal().toBytes();
    }

    static JournalPoint decode(byte[] bytes) throws JournalFormatException {
        FieldReader in = FieldReader.sealed("mark of an index", VERSION, ByteBuffer.wrap(bytes));
        JournalPoint point = new JournalPoint(in.u64(), in.u32(), in.position(), VolumeCounters.read(in));
        in.end();
        return point;
    }

    /** Whether a transaction continues here. */
    boolean precedes(TransactionRecord next) {
        return next.sequence() == sequence + 1 && next.previous() == checksum;
    }
}
