package org.qsfs.fs.format;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.qsfs.zdb.format.CrcShift;
import org.qsfs.zdb.format.ZdbCrc;

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

    /**
     * What follows from the bytes of a record.
     *
     * @param checksums of the blocks, the end of the value
     * @param crc {@link ZdbCrc} of the whole value
     */
    public record Seal(ByteBuffer checksums, int crc) {}

    /**
     * Consecutive file bytes of a record.
     *
     * @param bytes the remaining ones; the position stays
     * @param summed whether these are a whole block whose sum is known
     * @param sum {@link BlockSum} of them
     */
    public record Part(ByteBuffer bytes, boolean summed, int sum) {
        public static Part of(ByteBuffer bytes) {
            return new Part(bytes, false, 0);
        }
    }

    /**
     * Both from one pass over the bytes, which costs more than everything else, or from none over blocks whose sum is known: the sum of a block alone gives the checksum that begins with
     * the key as well as that of the value.
     *
     * @param key of the record
     * @param data its file bytes, in order
     */
    public static Seal seal(byte[] key, List<Part> data) {
        long total = 0;
        for (Part part : data) {
            total += part.bytes().remaining();
        }
        Sealing sealing = new Sealing(key, (int) total);
        for (Part part : data) {
            sealing.add(part);
        }
        return sealing.end();
    }

    /**
     * The sum of a whole block: the register of a CRC-32C that began with zeros and has read it. Made when the bytes are at hand anyway, it spares reading them from memory again. For one thread.
     */
    public static final class BlockSum {
        private final CRC32C crc = new CRC32C();

        /** @param from index of the block's first byte in {@code bytes} */
        public int of(ByteBuffer bytes, int from) {
            crc.reset();
            crc.update(bytes.slice(from, BLOCK));
            return alone(crc, Sealing.BLOCK_SHIFT.apply(-1));
        }

        /** The register begins with ones, which a sum without them has to get rid of. */
        private static int alone(CRC32C crc, int shiftedOnes) {
            return (int) ~crc.getValue() ^ shiftedOnes;
        }
    }

    private static final class Sealing {
        private static final CrcShift BLOCK_SHIFT = new CrcShift(BLOCK);
        private static final CrcShift CHECKSUM_SHIFT = new CrcShift(CHECKSUM_BYTES);

        private final ByteBuffer checksums;
        /** The register of a CRC-32C that has read the key. */
        private final int keyed;

        private final CRC32C block = new CRC32C();
        private int filled;
        private int number;
        private int crc;

        Sealing(byte[] key, int length) {
            checksums = ByteBuffer.allocate(CHECKSUM_BYTES * blocks(length));
            CRC32C standard = new CRC32C();
            standard.update(key);
            keyed = (int) ~standard.getValue();
        }

        void add(Part part) {
            if (part.summed() && filled == 0) {
                filled = BLOCK;
                endBlock(part.sum());
            } else {
                read(part.bytes());
            }
        }

        private void read(ByteBuffer part) {
            int position = part.position();
            int limit = part.limit();
            while (part.position() < limit) {
                part.limit(Math.min(limit, part.position() + BLOCK - filled));
                filled += part.remaining();
                block.update(part);
                if (filled == BLOCK) {
                    endRead();
                }
                part.limit(limit);
            }
            part.position(position);
        }

        private void endRead() {
            endBlock(BlockSum.alone(block, shift(-1)));
            block.reset();
        }

        private void endBlock(int alone) {
            int numbered = CHECKSUM_SHIFT.apply(keyed ^ Integer.reverseBytes(number));
            checksums.putInt(~(shift(numbered) ^ alone));
            crc = shift(crc) ^ alone;
            number++;
            filled = 0;
        }

        private int shift(int register) {
            return filled == BLOCK ? BLOCK_SHIFT.apply(register) : CrcShift.apply(register, filled);
        }

        Seal end() {
            if (filled > 0) {
                endRead();
            }
            checksums.flip();
            int all = crc;
            for (int at = 0; at < checksums.limit(); at += CHECKSUM_BYTES) {
                all = CHECKSUM_SHIFT.apply(all ^ Integer.reverseBytes(checksums.getInt(at)));
            }
            return new Seal(checksums, all);
        }
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
