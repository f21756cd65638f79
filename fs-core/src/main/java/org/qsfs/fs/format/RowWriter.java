package org.qsfs.fs.format;

import java.util.Arrays;
import org.qsfs.fs.Timestamp;

/**
 * Builds the value of a row.
 *
 * <pre>
 *   varint     unsigned, 7 bits per byte, lowest first, bit 7 = another byte follows; 1 to 10 bytes
 *   time       varint of the zigzag of the seconds since 1970, varint nanoseconds
 * </pre>
 */
final class RowWriter {
    private byte[] bytes = new byte[64];
    private int length;

    RowWriter u8(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
        return this;
    }

    RowWriter varint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        return this;
    }

    RowWriter time(Timestamp time) {
        long seconds = time.seconds();
        return varint((seconds << 1) ^ (seconds >> 63)).varint(time.nanos());
    }

    RowWriter bytes(byte[] source) {
        reserve(source.length);
        System.arraycopy(source, 0, bytes, length, source.length);
        length += source.length;
        return this;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    private void reserve(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }
}
