package org.qsfs.zdb.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Index file {@code iN}, version 4, little endian.
 *
 * <pre>
 * header, 29 bytes                      record, 34 bytes + key
 *  0  4  "IDX0"                          0  1  key length k (sequential: 8)
 *  4  4  version 4                       1  4  offset of the entry in the data file
 *  8  8  created, 0                      5  4  value length
 * 16  8  opened, 0                       9  4  offset of the record written before this one, 0 = none;
 * 24  4  file number                           ≥ the own offset: it is in an earlier file
 * 28  1  mode: 0 user, 1 sequential     13  1  flags: 1 deleted
 *                                       14  4  data file number (user mode: use the index file's number)
 *                                       18  4  timestamp, unsigned seconds
 *                                       22  4  checksum of the value (ZdbCrc)
 *                                       26  4  version before: index file number
 *                                       30  4  version before: offset of the record; 0/0 = none
 *                                       34  k  key
 * </pre>
 */
public final class IndexFormat {
    public static final int HEADER_BYTES = 29;
    public static final int RECORD_HEADER_BYTES = 34;
    /** Record of a sequential namespace. */
    public static final int SEQUENTIAL_RECORD_BYTES = RECORD_HEADER_BYTES + 8;

    public static final int DELETED = 1;
    public static final int FLAGS_AT = 13;

    private static final byte[] MAGIC = "IDX0".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 4;

    /** Who chooses the keys. */
    public enum Mode {
        /** The client: 1..255 bytes. */
        USER,
        /** The server: 8 byte numbers 0, 1, 2, … */
        SEQUENTIAL
    }

    /**
     * A record without its key. Offsets, lengths and timestamps are unsigned 32 bit.
     *
     * @param previous offset of the record written before
     * @param parentFile index file of the version before
     * @param parentOffset offset of the version before; 0/0 = none
     */
    public record IndexRecord(
            int keyLength,
            int offset,
            int valueLength,
            int previous,
            int flags,
            int dataFile,
            int timestamp,
            int crc,
            int parentFile,
            int parentOffset) {
        public int recordBytes() {
            return RECORD_HEADER_BYTES + keyLength;
        }

        public boolean deleted() {
            return (flags & DELETED) != 0;
        }

        /** The same record, flagged as deleted. */
        public IndexRecord flagged() {
            return new IndexRecord(
                    keyLength,
                    offset,
                    valueLength,
                    previous,
                    flags | DELETED,
                    dataFile,
                    timestamp,
                    crc,
                    parentFile,
                    parentOffset);
        }
    }

    private IndexFormat() {}

    public static String fileName(int number) {
        return "i" + number;
    }

    public static ByteBuffer header(int number, Mode mode) {
        return ByteBuffer.allocate(HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putInt(VERSION)
                .putLong(0)
                .putLong(0)
                .putInt(number)
                .put((byte) (mode == Mode.USER ? 0 : 1))
                .flip();
    }

    /** Checks 29 bytes and returns the mode; {@code name} is for the message. */
    public static Mode checkHeader(ByteBuffer header, int number, String name) throws FormatException {
        ByteBuffer h = header.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[4];
        h.get(magic);
        int version = h.getInt();
        int found = h.getInt(h.position() + 16);
        int mode = h.get(h.position() + 20);
        if (!Arrays.equals(magic, MAGIC) || version != VERSION || found != number || mode < 0 || mode > 1) {
            throw new FormatException(
                    "%s is not index file %d: found magic %s, version %d, number %d, mode %d; expected IDX0, %d, %d, 0 or 1"
                            .formatted(
                                    name, number, DataFormat.printable(magic), version, found, mode, VERSION, number));
        }
        return mode == 0 ? Mode.USER : Mode.SEQUENTIAL;
    }

    /** Puts a record header; the key follows. {@code into} must be little endian. */
    public static void putRecord(ByteBuffer into, IndexRecord r) {
        into.put((byte) r.keyLength)
                .putInt(r.offset)
                .putInt(r.valueLength)
                .putInt(r.previous)
                .put((byte) r.flags)
                .putInt(r.dataFile)
                .putInt(r.timestamp)
                .putInt(r.crc)
                .putInt(r.parentFile)
                .putInt(r.parentOffset);
    }

    /** Reads 34 bytes at {@code at}; {@code from} must be little endian. */
    public static IndexRecord record(ByteBuffer from, int at) {
        return new IndexRecord(
                from.get(at) & 0xff,
                from.getInt(at + 1),
                from.getInt(at + 5),
                from.getInt(at + 9),
                from.get(at + 13) & 0xff,
                from.getInt(at + 14),
                from.getInt(at + 18),
                from.getInt(at + 22),
                from.getInt(at + 26),
                from.getInt(at + 30));
    }
}
