package org.qsfs.zdb.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Where a scan goes on: 17 bytes, little endian (ZDB.md §6).
 *
 * <pre>
 *  0  1  key length
 *  1  4  index file number
 *  5  4  value length
 *  9  4  offset of the record
 * 13  4  checksum of the value
 * </pre>
 */
public record Cursor(int keyLength, int file, int length, int offset, int crc) {
    public static final int BYTES = 17;

    static Cursor of(StoredRecord r) {
        return new Cursor(
                r.record().keyLength(),
                r.file(),
                r.record().valueLength(),
                r.offset(),
                r.record().crc());
    }

    /** Null when these are not 17 bytes. */
    public static @Nullable Cursor parse(byte[] bytes) {
        if (bytes.length != BYTES) {
            return null;
        }
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return new Cursor(b.get() & 0xff, b.getInt(), b.getInt(), b.getInt(), b.getInt());
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) keyLength)
                .putInt(file)
                .putInt(length)
                .putInt(offset)
                .putInt(crc)
                .array();
    }
}
