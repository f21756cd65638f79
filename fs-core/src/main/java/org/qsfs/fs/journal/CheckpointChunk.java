package org.qsfs.fs.journal;

import java.nio.ByteBuffer;
import java.util.List;
import org.qsfs.fs.rows.Row;

/**
 * Part of a checkpoint: rows in ascending order of keys.
 *
 * <pre>
 * offset size
 *   0     1   format version, 1
 *   1     1   flags, 0
 *   2     8   sequence of the last transaction in the checkpoint
 *  10     4   number of this chunk, from 0
 *  14         {@link RowChanges}, puts only
 *         4   CRC-32C of all before
 * </pre>
 */
record CheckpointChunk(long sequence, int number, List<Row> rows) implements JournalEntry {
    private static final int VERSION = 1;

    @Override
    public EntryKey key() {
        return new EntryKey(EntryKey.CHECKPOINT_CHUNK, sequence);
    }

    @Override
    public ByteBuffer encode() {
        FieldWriter out = new FieldWriter(4096);
        out.u8(VERSION).u8(0).u64(sequence).u32(number);
        RowChanges.write(out, rows);
        return out.seal().buffer();
    }

    static CheckpointChunk decode(ByteBuffer value) throws JournalFormatException {
        FieldReader in = FieldReader.sealed("checkpoint chunk", VERSION, value);
        long sequence = in.u64();
        int number = in.u32();
        List<Row> rows = RowChanges.read(in);
        in.end();
        for (Row row : rows) {
            if (row.value() == null) {
                throw in.wrong("that removes a row");
            }
        }
        return new CheckpointChunk(sequence, number, rows);
    }
}
