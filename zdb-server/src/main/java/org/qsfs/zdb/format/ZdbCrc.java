package org.qsfs.zdb.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Checksum of a value: the CRC-32C polynomial with initial value 0 and without final inversion (ZDB.md §8), which is not the
 * standard CRC-32C. {@code "123456789"} gives 58E3FA20, nothing gives 0.
 *
 * <p>The JDK's CRC-32C starts with all ones. Feeding it FF FF FF FF first clears its register, and inverting its result takes
 * the final inversion back, so the fast instruction can be used.
 */
public final class ZdbCrc {
    private static final byte[] CLEAR = {-1, -1, -1, -1};

    private final CRC32C crc = new CRC32C();

    public ZdbCrc() {
        crc.update(CLEAR, 0, CLEAR.length);
    }

    /** Checksum of the remaining bytes of all buffers in order. Their positions stay. */
    public static int of(ByteBuffer... parts) {
        ZdbCrc crc = new ZdbCrc();
        for (ByteBuffer part : parts) {
            crc.update(part);
        }
        return crc.value();
    }

    public static int of(byte[] bytes) {
        return of(ByteBuffer.wrap(bytes));
    }

    /** Adds the remaining bytes; the position of {@code part} stays. */
    public void update(ByteBuffer part) {
        int position = part.position();
        crc.update(part);
        part.position(position);
    }

    public int value() {
        return (int) ~crc.getValue();
    }
}
