package org.qsfs.fs.rows;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/**
 * Keys of an MVStore page: bytes compared as unsigned. The keys of a page are followed by their CRC-32C, because MVStore's pages have no checksum and a flipped
 * bit in a key, above all in one of an inner page, would make rows disappear that no row checksum could miss.
 *
 * <pre>
 * page of n keys = n times (varint length, bytes), u32 CRC-32C of these bytes
 * </pre>
 */
final class RowKeyType extends BasicDataType<byte[]> {
    private static final int ARRAY_BYTES = 16;

    @Override
    public int getMemory(byte[] key) {
        return ARRAY_BYTES + key.length;
    }

    @Override
    public int compare(byte[] a, byte[] b) {
        return Arrays.compareUnsigned(a, b);
    }

    @Override
    public int binarySearch(byte[] key, Object storage, int size, int initialGuess) {
        byte[][] keys = (byte[][]) storage;
        int low = 0;
        int high = size - 1;
        int at = initialGuess - 1;
        if (at < 0 || at > high) {
            at = high >>> 1;
        }
        while (low <= high) {
            int order = Arrays.compareUnsigned(key, keys[at]);
            if (order > 0) {
                low = at + 1;
            } else if (order < 0) {
                high = at - 1;
            } else {
                return at;
            }
            at = (low + high) >>> 1;
        }
        return -(low + 1);
    }

    @Override
    public byte[][] createStorage(int size) {
        return new byte[size][];
    }

    @Override
    public void write(WriteBuffer buffer, byte[] key) {
        buffer.putVarInt(key.length).put(key);
    }

    @Override
    public byte[] read(ByteBuffer buffer) {
        return bytes(buffer, Row.MAX_KEY_BYTES);
    }

    @Override
    public void write(WriteBuffer buffer, Object storage, int count) {
        byte[][] keys = (byte[][]) storage;
        int start = buffer.position();
        for (int i = 0; i < count; i++) {
            write(buffer, keys[i]);
        }
        ByteBuffer written = buffer.getBuffer();
        buffer.putInt(checksum(written, start, buffer.position()));
    }

    @Override
    public void read(ByteBuffer buffer, Object storage, int count) {
        byte[][] keys = (byte[][]) storage;
        int start = buffer.position();
        for (int i = 0; i < count; i++) {
            keys[i] = read(buffer);
        }
        int expected = checksum(buffer, start, buffer.position());
        int found = buffer.getInt();
        if (found != expected) {
            throw new IllegalStateException(
                    "index page with damaged keys: checksum %08x found, %08x expected".formatted(found, expected));
        }
    }

    static byte[] bytes(ByteBuffer buffer, int most) {
        int length = DataUtils.readVarInt(buffer);
        if (length < 0 || length > most || length > buffer.remaining()) {
            throw new IllegalStateException("index page with a length of " + length + " bytes; at most "
                    + Math.min(most, buffer.remaining()) + " expected");
        }
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }

    private static int checksum(ByteBuffer buffer, int start, int end) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().clear().position(start).limit(end));
        return (int) crc.getValue();
    }
}
