package org.qsfs.fs.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.fs.rows.Row;

/**
 * A transaction in the journal.
 *
 * <pre>
 * offset size
 *   0     1   format version, 1
 *   1     1   flags, 0
 *   2     8   epoch of the writer
 *  10     8   sequence, one more than that of the transaction before
 *  18     4   checksum of the transaction before, 0 for the first
 *  22     8   synced through: data segment (u32), offset (u32)
 *  30     8   synced through: meta segment (u32), offset (u32)
 *  38    33   {@link VolumeCounters} behind this transaction
 *  71         varint number of introduced data records, then each: segment, offset, length, crc (u32)
 *             {@link RowChanges}
 *         4   checksum: CRC-32C of all before, and so of the checksum of the transaction before
 * </pre>
 *
 * Integers are big endian.
 *
 * @param previous checksum of the transaction before
 * @param checksum of this one
 */
record TransactionRecord(
        long epoch,
        long sequence,
        int previous,
        SyncedThrough synced,
        VolumeCounters counters,
        List<DataRecord> introduced,
        List<Row> rows,
        int checksum)
        implements JournalEntry {
    static final int VERSION = 1;

    private static final int EPOCH_AT = 2;
    private static final int SEQUENCE_AT = 10;
    private static final int PREVIOUS_AT = 18;
    private static final int SYNCED_AT = 22;
    private static final int COUNTERS_AT = 38;
    private static final int FIXED_PART = COUNTERS_AT + VolumeCounters.ENCODED_BYTES;

    /** Bytes besides data records and rows: the fixed part, two counts, the checksum. */
    static final int FIXED_BYTES = FIXED_PART + 5 + 5 + 4;

    /** What can be encoded before the place of the transaction in the journal is known. */
    static FieldWriter prepare(Transaction transaction) {
        FieldWriter out = new FieldWriter(transaction.boundBytes());
        out.u8(VERSION).u8(0);
        out.u64(0).u64(0).u32(0);
        SyncedThrough.NOTHING.write(out);
        VolumeCounters.NONE.write(out);
        writeParts(out, transaction.introduced(), transaction.rows());
        return out;
    }

    private static void writeParts(FieldWriter out, List<DataRecord> introduced, List<Row> rows) {
        out.varint(introduced.size());
        for (DataRecord record : introduced) {
            record.write(out);
        }
        RowChanges.write(out, rows);
    }

    /** Fills in the rest and returns the checksum. */
    static int complete(
            FieldWriter prepared,
            long epoch,
            long sequence,
            int previous,
            SyncedThrough synced,
            VolumeCounters counters) {
        prepared.patchU64(EPOCH_AT, epoch);
        prepared.patchU64(SEQUENCE_AT, sequence);
        prepared.patchU32(PREVIOUS_AT, previous);
        prepared.patchU32(SYNCED_AT, synced.data().segment());
        prepared.patchU32(SYNCED_AT + 4, (int) synced.data().offset());
        prepared.patchU32(SYNCED_AT + 8, synced.meta().segment());
        prepared.patchU32(SYNCED_AT + 12, (int) synced.meta().offset());
        prepared.patchU64(COUNTERS_AT + 1, counters.nextInode());
        prepared.patchU64(COUNTERS_AT + 9, counters.nextDataSequence());
        prepared.patchU64(COUNTERS_AT + 17, counters.inodes());
        prepared.patchU64(COUNTERS_AT + 25, counters.bytes());
        int checksum = prepared.checksum();
        prepared.u32(checksum);
        return checksum;
    }

    @Override
    public EntryKey key() {
        return new EntryKey(EntryKey.TRANSACTION, sequence);
    }

    @Override
    public ByteBuffer encode() {
        FieldWriter out = new FieldWriter(512);
        out.u8(VERSION).u8(0).u64(epoch).u64(sequence).u32(previous);
        synced.write(out);
        counters.write(out);
        writeParts(out, introduced, rows);
        return out.seal().buffer();
    }

    static TransactionRecord decode(ByteBuffer value) throws JournalFormatException {
        FieldReader in = FieldReader.sealed("transaction", VERSION, value);
        long epoch = in.u64();
        long sequence = in.u64();
        int previous = in.u32();
        SyncedThrough synced = SyncedThrough.read(in);
        VolumeCounters counters = VolumeCounters.read(in);
        int count = in.count(DataRecord.ENCODED_BYTES);
        List<DataRecord> introduced = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            introduced.add(DataRecord.read(in));
        }
        List<Row> rows = RowChanges.read(in);
        in.end();
        return new TransactionRecord(epoch, sequence, previous, synced, counters, introduced, rows, in.checksum());
    }
}
