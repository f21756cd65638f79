package org.qsfs.fs.rows;

import java.nio.ByteBuffer;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/** Values of an MVStore page: row value and its CRC-32C, see {@link RowChecksum}. */
final class RowValueType extends BasicDataType<byte[]> {
    private static final int ARRAY_BYTES = 16;

    @Override
    public int getMemory(byte[] value) {
        return ARRAY_BYTES + value.length;
    }

    @Override
    public byte[][] createStorage(int size) {
        return new byte[size][];
    }

    @Override
    public void write(WriteBuffer buffer, byte[] value) {
        buffer.putVarInt(value.length).put(value);
    }

    @Override
    public byte[] read(ByteBuffer buffer) {
        return RowKeyType.bytes(buffer, Row.MAX_VALUE_BYTES + RowChecksum.BYTES);
    }
}
