package org.qsfs.fs.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.qsfs.zdb.log.LogPosition;

/** Reads the fields of an entry; never beyond its end, never more than the entry can hold. */
final class FieldReader {
    private static final int CHECKSUM_BYTES = 4;

    private final String what;
    private final ByteBuffer buffer;
    private final int checksum;

    private FieldReader(String what, ByteBuffer buffer, int checksum) {
        this.what = what;
        this.buffer = buffer;
        this.checksum = checksum;
    }

    /** Reads an entry that begins with version and flags and ends with its checksum, which are checked. */
    static FieldReader sealed(String what, int version, ByteBuffer value) throws JournalFormatException {
        ByteBuffer buffer = value.slice().order(ByteOrder.BIG_ENDIAN);
        int length = buffer.limit() - CHECKSUM_BYTES;
        if (length < 2) {
            throw new JournalFormatException("a " + what + " of " + buffer.limit() + " bytes");
        }
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().limit(length));
        int expected = (int) crc.getValue();
        int found = buffer.getInt(length);
        if (found != expected) {
            throw new JournalFormatException("a %s with checksum %08x; %08x expected".formatted(what, found, expected));
        }
        FieldReader reader = new FieldReader(what, buffer.limit(length), found);
        int foundVersion = reader.u8();
        if (foundVersion != version) {
            throw new JournalFormatException(
                    "a %s of format version %d; this program knows version %d".formatted(what, foundVersion, version));
        }
        int flags = reader.u8();
        if (flags != 0) {
            throw new JournalFormatException("a " + what + " with unknown flags " + flags);
        }
        return reader;
    }

    /** Checksum at the end of the entry. */
    int checksum() {
        return checksum;
    }

    int u8() throws JournalFormatException {
        return need(1).get() & 0xff;
    }

    int u32() throws JournalFormatException {
        return need(4).getInt();
    }

    long u64() throws JournalFormatException {
        return need(8).getLong();
    }

    int varint() throws JournalFormatException {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int next = u8();
            value |= (next & 0x7f) << shift;
            if ((next & 0x80) == 0) {
                if (value < 0 || (shift == 28 && next > 7)) {
                    break;
                }
                return value;
            }
        }
        throw new JournalFormatException("a " + what + " with a number that is too large");
    }

    /** How many parts follow, each of which has at least {@code smallest} bytes. */
    int count(int smallest) throws JournalFormatException {
        int count = varint();
        if (count > buffer.remaining() / smallest) {
            throw new JournalFormatException(
                    "a %s that counts %d parts in %d bytes".formatted(what, count, buffer.remaining()));
        }
        return count;
    }

    byte[] bytes(int length) throws JournalFormatException {
        ByteBuffer source = need(length);
        byte[] value = new byte[length];
        source.get(value);
        return value;
    }

    LogPosition position() throws JournalFormatException {
        int segment = u32();
        if (segment < 0) {
            throw new JournalFormatException("a " + what + " that names segment " + Integer.toUnsignedString(segment));
        }
        return new LogPosition(segment, Integer.toUnsignedLong(u32()));
    }

    /** Nothing may follow. */
    void end() throws JournalFormatException {
        if (buffer.hasRemaining()) {
            throw new JournalFormatException("a " + what + " with " + buffer.remaining() + " bytes too many");
        }
    }

    JournalFormatException wrong(String message) {
        return new JournalFormatException("a " + what + " " + message);
    }

    private ByteBuffer need(int count) throws JournalFormatException {
        if (count < 0 || buffer.remaining() < count) {
            throw new JournalFormatException(
                    "a %s that ends %d bytes early".formatted(what, count - buffer.remaining()));
        }
        return buffer;
    }
}
