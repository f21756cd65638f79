package org.qsfs.fs.rows;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * The checksum that ends each value in the index.
 *
 * <pre>
 * stored value = row value, u32 big endian CRC-32C(key || row value)
 * </pre>
 */
final class RowChecksum {
    static final int BYTES = 4;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private RowChecksum() {}

    static byte[] seal(byte[] key, byte[] value) {
        byte[] sealed = Arrays.copyOf(value, value.length + BYTES);
        INT.set(sealed, value.length, checksum(key, value, value.length));
        return sealed;
    }

    static byte[] open(byte[] key, byte[] sealed) throws IndexDamagedException {
        int length = sealed.length - BYTES;
        if (length < 0 || (int) INT.get(sealed, length) != checksum(key, sealed, length)) {
            throw new IndexDamagedException("the index has a wrong checksum at row "
                    + HexFormat.of().formatHex(key) + " with " + sealed.length + " bytes");
        }
        return Arrays.copyOf(sealed, length);
    }

    private static int checksum(byte[] key, byte[] value, int length) {
        CRC32C crc = new CRC32C();
        crc.update(key);
        crc.update(value, 0, length);
        return (int) crc.getValue();
    }
}
