package org.qsfs.zdb.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Data file {@code dN}, version 3, little endian.
 *
 * <pre>
 * header, 28 bytes                      entry, 18 bytes + key + value
 *  0  4  "DAT0"                          0  1  key length k, 1..255
 *  4  4  version 3                       1  4  value length v
 *  8  8  created, 0                      5  4  offset of the entry before
 * 16  8  opened, 0                       9  4  checksum of the value (ZdbCrc)
 * 24  4  file number                    13  1  flags: 1 deleted (tombstone), 2 truncated
 *                                       14  4  timestamp, unsigned seconds
 *                                       18  k  key
 *                                     18+k  v  value
 * </pre>
 */
public final class DataFormat {
    public static final int HEADER_BYTES = 28;
    public static final int ENTRY_HEADER_BYTES = 18;
    public static final int MAX_KEY_BYTES = 255;
    /** Largest value that the protocol takes, and so the largest that a file holds. */
    public static final int MAX_VALUE_BYTES = 8 << 20;
    /** Largest length of a data file: offsets are 32 bit. */
    public static final long MAX_FILE_BYTES = (1L << 32) - 2;

    public static final int DELETED = 1;
    public static final int TRUNCATED = 2;

    private static final byte[] MAGIC = "DAT0".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 3;

    /**
     * Header of an entry.
     *
     * @param keyLength bytes, 0..255; 0 is no entry (an unwritten tail)
     * @param valueLength bytes, unsigned 32 bit
     * @param previous offset of the entry before, unsigned 32 bit; not reliable
     * @param crc {@link ZdbCrc} of the value
     * @param flags {@link #DELETED}, {@link #TRUNCATED}
     * @param timestamp seconds, unsigned 32 bit
     */
    public record EntryHeader(int keyLength, long valueLength, int previous, int crc, int flags, int timestamp) {
        /** Length of the whole entry in bytes. */
        public long entryBytes() {
            return ENTRY_HEADER_BYTES + keyLength + valueLength;
        }

        public boolean deleted() {
            return (flags & DELETED) != 0;
        }
    }

    private DataFormat() {}

    public static String fileName(int number) {
        return "d" + number;
    }

    public static ByteBuffer header(int number) {
        return ByteBuffer.allocate(HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putInt(VERSION)
                .putLong(0)
                .putLong(0)
                .putInt(number)
                .flip();
    }

    /** Checks 28 bytes; {@code name} is for the message. */
    public static void checkHeader(ByteBuffer header, int number, String name) throws FormatException {
        ByteBuffer h = header.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[4];
        h.get(magic);
        int version = h.getInt();
        int found = h.getInt(h.position() + 16);
        if (!Arrays.equals(magic, MAGIC) || version != VERSION || found != number) {
            throw new FormatException(
                    "%s is not data file %d: found magic %s, version %d, number %d; expected DAT0, %d, %d"
                            .formatted(name, number, printable(magic), version, found, VERSION, number));
        }
    }

    /** Puts an entry header and the key; {@code into} must be little endian. */
    public static void putEntry(
            ByteBuffer into, byte[] key, int valueLength, int previous, int crc, int flags, int timestamp) {
        into.put((byte) key.length)
                .putInt(valueLength)
                .putInt(previous)
                .putInt(crc)
                .put((byte) flags)
                .putInt(timestamp)
                .put(key);
    }

    /** Reads 18 bytes at {@code at}; {@code from} must be little endian. */
    public static EntryHeader entryHeader(ByteBuffer from, int at) {
        return new EntryHeader(
                from.get(at) & 0xff,
                from.getInt(at + 1) & 0xffffffffL,
                from.getInt(at + 5),
                from.getInt(at + 9),
                from.get(at + 13) & 0xff,
                from.getInt(at + 14));
    }

    static String printable(byte[] magic) {
        StringBuilder text = new StringBuilder();
        for (byte b : magic) {
            text.append(b > 32 && b < 127 ? String.valueOf((char) b) : "\\x%02x".formatted(b));
        }
        return text.toString();
    }
}
