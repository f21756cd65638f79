package org.qsfs.fs.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.qsfs.zdb.log.LogPosition;

/** Writes the fields of an entry, big endian, into an array that grows. */
final class FieldWriter {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes;
    private int length;

    FieldWriter(int capacity) {
        bytes = new byte[capacity];
    }

    int length() {
        return length;
    }

    FieldWriter u8(int value) {
        int at = grow(1);
        bytes[at] = (byte) value;
        return this;
    }

    FieldWriter u32(int value) {
        // the array is another one after growing
        int at = grow(4);
        INT.set(bytes, at, value);
        return this;
    }

    FieldWriter u64(long value) {
        int at = grow(8);
        LONG.set(bytes, at, value);
        return this;
    }

    /** Seven bits per byte, lowest first; the high bit says that more follow. */
    FieldWriter varint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            u8(rest | 0x80);
            rest >>>= 7;
        }
        return u8(rest);
    }

    FieldWriter bytes(byte[] value) {
        int at = grow(value.length);
        System.arraycopy(value, 0, bytes, at, value.length);
        return this;
    }

    FieldWriter position(LogPosition position) {
        return u32(position.segment()).u32((int) position.offset());
    }

    /** Overwrites four bytes that were written before. */
    void patchU32(int at, int value) {
        INT.set(bytes, at, value);
    }

    /** Overwrites eight bytes that were written before. */
    void patchU64(int at, long value) {
        LONG.set(bytes, at, value);
    }

    /** Checksum of everything written so far. */
    int checksum() {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /** Ends the entry with the checksum of everything before. */
    FieldWriter seal() {
        return u32(checksum());
    }

    /** What was written, not copied. */
    ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    private int grow(int count) {
        int at = length;
        if (count > bytes.length - at) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(at, count), 2 * bytes.length));
        }
        length = at + count;
        return at;
    }
}
