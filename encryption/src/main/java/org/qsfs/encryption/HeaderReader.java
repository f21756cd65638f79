package org.qsfs.encryption;

import java.nio.ByteBuffer;

/** Reads fields one after the other; a field that is not there is an error that names it. */
final class HeaderReader {
    private final ByteBuffer bytes;

    HeaderReader(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    byte[] bytes(String field, int length) throws MalformedException {
        byte[] taken = new byte[need(field, length)];
        bytes.get(taken);
        return taken;
    }

    /** One byte, 0–255. */
    int unsignedByte(String field) throws MalformedException {
        need(field, Byte.BYTES);
        return bytes.get() & 0xFF;
    }

    /** Two bytes, 0–65,535. */
    int unsignedShort(String field) throws MalformedException {
        need(field, Short.BYTES);
        return bytes.getShort() & 0xFFFF;
    }

    int integer(String field) throws MalformedException {
        need(field, Integer.BYTES);
        return bytes.getInt();
    }

    long longInteger(String field) throws MalformedException {
        need(field, Long.BYTES);
        return bytes.getLong();
    }

    /** A count within bounds. */
    static int checkCount(String what, int count, int min, int max) throws MalformedException {
        if (count < min || count > max) {
            throw new MalformedException(
                    "volume header with " + what + " " + count + "; expected " + min + " to " + max);
        }
        return count;
    }

    int position() {
        return bytes.position();
    }

    int remaining() {
        return bytes.remaining();
    }

    private int need(String field, int length) throws MalformedException {
        if (bytes.remaining() < length) {
            throw new MalformedException("volume header ends in field \"" + field + "\" at offset " + bytes.position()
                    + ": " + bytes.remaining() + " bytes are left; expected " + length);
        }
        return length;
    }
}
