package org.qsfs.stor.segment;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Reads the fields of a binary record, big-endian, one after another. Whatever the bytes are, it allocates no more than they are long and fails only with {@link
 * StorException.Damaged}.
 */
public final class FieldReader {
    private final String what;
    private final ByteBuffer bytes;

    /** @param what names the record in messages */
    public FieldReader(String what, byte[] bytes) {
        this.what = what;
        this.bytes = ByteBuffer.wrap(bytes);
    }

    /** An unsigned byte. */
    public int u8() throws StorException {
        need(1);
        return Byte.toUnsignedInt(bytes.get());
    }

    /** An unsigned 16-bit number. */
    public int u16() throws StorException {
        need(2);
        return Short.toUnsignedInt(bytes.getShort());
    }

    /** A 32-bit number that must not be negative. */
    public int i32(String field) throws StorException {
        need(4);
        int value = bytes.getInt();
        if (value < 0) {
            throw damaged(field + " is " + value + ", expected at least 0");
        }
        return value;
    }

    /** A 64-bit number that must not be negative. */
    public long i64(String field) throws StorException {
        need(8);
        long value = bytes.getLong();
        if (value < 0) {
            throw damaged(field + " is " + value + ", expected at least 0");
        }
        return value;
    }

    /** Any 64 bits. */
    public long bits64() throws StorException {
        need(8);
        return bytes.getLong();
    }

    /** A number of 1 to 10 bytes, 7 bits each, lowest first; the top bit of a byte says that another one follows. Written in one way only: the last byte is 0 only when it is the only one. */
    public long varint(String field) throws StorException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int next = u8();
            long bits = next & 0x7fL;
            if (bits << shift >>> shift != bits || (next == 0 && shift > 0)) {
                break;
            }
            value |= bits << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw damaged(field + " is no number of at most 64 bits");
    }

    /** That many bytes. */
    public byte[] bytes(int length) throws StorException {
        need(length);
        byte[] value = new byte[length];
        bytes.get(value);
        return value;
    }

    /** UTF-8 text after a byte that gives its length in bytes. */
    public String text(String field) throws StorException {
        int length = u8();
        need(length);
        ByteBuffer slice = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
        } catch (CharacterCodingException malformed) {
            throw damaged(field + " is not UTF-8");
        }
    }

    /** A count of elements of which each takes at least {@code elementBytes}: refused when they cannot all be there. */
    public int count(String field, int elementBytes) throws StorException {
        int count = i32(field);
        if ((long) count * elementBytes > bytes.remaining()) {
            throw damaged(field + " is " + count + ", but only " + bytes.remaining() + " bytes follow");
        }
        return count;
    }

    /** Expects these bytes next. */
    public void expect(String field, byte[] expected) throws StorException {
        byte[] found = bytes(expected.length);
        if (!Arrays.equals(found, expected)) {
            throw damaged(field + " is " + HexFormat.of().formatHex(found) + ", expected "
                    + HexFormat.of().formatHex(expected));
        }
    }

    /** Reads a 16-bit format version between 1 and {@code known}. */
    public int version(int known) throws StorException {
        int version = u16();
        if (version > known) {
            throw new StorException.TooNew(what, version, known);
        }
        if (version == 0) {
            throw damaged("format version is 0");
        }
        return version;
    }

    /** Bytes not read yet. */
    public int remaining() {
        return bytes.remaining();
    }

    /** Expects that nothing follows. */
    public void end() throws StorException {
        if (bytes.hasRemaining()) {
            throw damaged(bytes.remaining() + " bytes follow its end");
        }
    }

    /** The failure to throw when a field makes no sense. */
    public StorException damaged(String found) {
        return new StorException.Damaged(what + " is damaged: " + found);
    }

    private void need(int length) throws StorException {
        if (bytes.remaining() < length) {
            throw damaged("it ends after " + bytes.limit() + " bytes, in the middle of a field");
        }
    }
}
