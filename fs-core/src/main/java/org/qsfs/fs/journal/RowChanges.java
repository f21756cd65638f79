package org.qsfs.fs.journal;

import java.util.ArrayList;
import java.util.List;
import org.qsfs.fs.rows.Row;

/**
 * Rows as they stand in transactions and checkpoints.
 *
 * <pre>
 * varint count, then each: u8 1 = put, 2 = delete; varint key length; key; of a put: varint value length; value
 * </pre>
 */
final class RowChanges {
    private static final int PUT = 1;
    private static final int DELETE = 2;
    private static final int SMALLEST = 3;
    private static final int LONGEST_NUMBERS = 1 + 5 + 5;

    private RowChanges() {}

    /** Most bytes that a row can take. */
    static int bound(Row row) {
        byte[] value = row.value();
        return LONGEST_NUMBERS + row.key().length + (value == null ? 0 : value.length);
    }

    static void write(FieldWriter out, List<Row> rows) {
        out.varint(rows.size());
        for (Row row : rows) {
            byte[] value = row.value();
            out.u8(value == null ? DELETE : PUT).varint(row.key().length).bytes(row.key());
            if (value != null) {
                out.varint(value.length).bytes(value);
            }
        }
    }

    static List<Row> read(FieldReader in) throws JournalFormatException {
        int count = in.count(SMALLEST);
        List<Row> rows = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int kind = in.u8();
            int keyLength = in.varint();
            if (keyLength < 1 || keyLength > Row.MAX_KEY_BYTES) {
                throw in.wrong("with a row key of " + keyLength + " bytes");
            }
            byte[] key = in.bytes(keyLength);
            switch (kind) {
                case PUT -> {
                    int valueLength = in.varint();
                    if (valueLength > Row.MAX_VALUE_BYTES) {
                        throw in.wrong("with a row value of " + valueLength + " bytes");
                    }
                    rows.add(new Row(key, in.bytes(valueLength)));
                }
                case DELETE -> rows.add(new Row(key, null));
                default -> throw in.wrong("with a row change of kind " + kind);
            }
        }
        return rows;
    }
}
