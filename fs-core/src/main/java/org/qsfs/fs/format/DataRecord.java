package org.qsfs.fs.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A record of the data namespace (<b>format</b>): a range of one file at the time of writing.
 *
 * <pre>
 *   key     inode u64 | file offset u64 | sequence u64                                   big endian, 24 bytes
 *   value   file bytes, 1 to 1 MiB | one checksum u32, big endian, per block of 4 KiB of them (the last may be shorter)
 *
 *   checksum of block i = CRC-32C(key | i as u32, big endian | bytes of the block)
 * </pre>
 *
 * The key in the checksum makes a block of another record, or another block of the same record, a damaged one.
 */
public final class DataRecord {
    public static final int KEY_BYTES = 24;

    /** Most file bytes of a record. */
    public static final int MAX_DATA = 1 << 20;

    public static final int BLOCK = 4096;
    private static final int CHECKSUM_BYTES = 4;

    private DataRecord() {}

    /**
     * @param inode for which the record was written
     * @param offset of its first byte in the file
     * @param sequence differs for every record of a volume
     */
    public record Key(long inode, long offset, long sequence) {
        public byte[] encode() {
            return ByteBuffer.allocate(KEY_BYTES)
                    .putLong(inode)
                    .putLong(offset)
                    .putLong(sequence)
                    .array();
        }

        public static Key decode(byte[] key) {
            ByteBuffer bytes = ByteBuffer.wrap(key);
            return new Key(bytes.getLong(), bytes.getLong(), bytes.getLong());
        }
    }

    public static int blocks(int dataLength) {
        return (dataLength + BLOCK - 1) / BLOCK;
    }

    /** Bytes of the value that holds so many file bytes. */
    public static int valueLength(int dataLength) {
        return dataLength + CHECKSUM_BYTES * blocks(dataLength);
    }

    /** The inverse of {@link #valueLength}. */
    public static int dataLength(int valueLength) {
        int blocks = (valueLength + BLOCK + CHECKSUM_BYTES - 1) / (BLOCK + CHECKSUM_BYTES);
        return valueLength - CHECKSUM_BYTES * blocks;
    }

    /** Where the checksum of a block stands in the value. */
    public static int checksumPosition(int dataLength, int block) {
        return dataLength + CHECKSUM_BYTES * block;
    }

    /** Checksum of the block whose bytes are the remaining ones of {@code data}; the position stays. */
    public static int checksum(byte[] key, int block, ByteBuffer data) {
        CRC32C crc = begin(key, block);
        crc.update(data.duplicate());
        return (int) crc.getValue();
    }

    /** The checksums of a record whose file bytes are the remaining ones of {@code data}, in order; the positions stay. */
    public static ByteBuffer checksums(byte[] key, ByteBuffer... data) {
        long total = 0;
        for (ByteBuffer part : data) {
            total += part.remaining();
        }
        ByteBuffer checksums = ByteBuffer.allocate(CHECKSUM_BYTES * blocks((int) total));
        CRC32C crc = begin(key, 0);
        int block = 0;
        int filled = 0;
        for (ByteBuffer part : data) {
            ByteBuffer rest = part.duplicate();
            while (rest.hasRemaining()) {
                if (filled == BLOCK) {
                    checksums.putInt((int) crc.getValue());
                    crc = begin(key, ++block);
                    filled = 0;
                }
                int count = Math.min(rest.remaining(), BLOCK - filled);
                ByteBuffer piece = rest.slice(rest.position(), count);
                crc.update(piece);
                rest.position(rest.position() + count);
                filled += count;
            }
        }
        if (filled > 0) {
            checksums.putInt((int) crc.getValue());
        }
        return checksums.flip();
    }

    private static CRC32C begin(byte[] key, int block) {
        CRC32C crc = new CRC32C();
        crc.update(key);
        for (int shift = 24; shift >= 0; shift -= 8) {
            crc.update(block >>> shift);
        }
        return crc;
    }
}
