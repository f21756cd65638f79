package org.qsfs.fs.format;

import java.util.Arrays;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.Timestamp;

/** Takes the value of a row apart; see {@link RowWriter} for the encodings. */
final class RowParser {
    private final String row;
    private final byte[] bytes;
    private int position;

    /** @param row names the row in messages */
    RowParser(String row, byte[] bytes) {
        this.row = row;
        this.bytes = bytes;
    }

    /** Reads the version byte. */
    RowParser version(int supported) throws FsException {
        int version = u8();
        if (version != supported) {
            throw damaged("version " + version + ", this program reads version " + supported);
        }
        return this;
    }

    /** Whether there is nothing behind what was read: the row is of a time when it had no more fields. */
    boolean isAtEnd() {
        return position == bytes.length;
    }

    int u8() throws FsException {
        if (position == bytes.length) {
            throw damaged("only " + bytes.length + " bytes");
        }
        return bytes[position++] & 0xff;
    }

    long varint() throws FsException {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int next = u8();
            value |= (next & 0x7fL) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw damaged("a number of more than 10 bytes at " + position);
    }

    /** A number of at most 32 bits, as the int with these bits. */
    int varint32() throws FsException {
        long value = varint();
        if (value >>> 32 != 0) {
            throw damaged("the number " + Long.toUnsignedString(value) + " where 32 bits are expected");
        }
        return (int) value;
    }

    Timestamp time() throws FsException {
        long zigzag = varint();
        long nanos = varint();
        if (nanos < 0 || nanos > 999_999_999) {
            throw damaged(Long.toUnsignedString(nanos) + " nanoseconds");
        }
        return new Timestamp((zigzag >>> 1) ^ -(zigzag & 1), (int) nanos);
    }

    FileType type(int mode) throws FsException {
        try {
            return FileType.ofMode(mode);
        } catch (IllegalArgumentException e) {
            throw damaged(String.valueOf(e.getMessage()));
        }
    }

    byte[] bytes(int count) throws FsException {
        if (count < 0 || count > bytes.length - position) {
            throw damaged(count + " bytes expected at " + position + " of " + bytes.length);
        }
        byte[] part = Arrays.copyOfRange(bytes, position, position + count);
        position += count;
        return part;
    }

    byte[] rest() throws FsException {
        return bytes(bytes.length - position);
    }

    FsException damaged(String found) {
        return new FsException(Errno.EIO, "the row of " + row + " is damaged: " + found + "; run qsfs check");
    }
}
