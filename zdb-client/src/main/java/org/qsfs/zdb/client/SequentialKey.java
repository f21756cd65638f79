package org.qsfs.zdb.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;

/** Keys of a sequential namespace: the id that the server gave, 8 bytes, little endian. */
public final class SequentialKey {
    /** Length of a key. */
    public static final int BYTES = Long.BYTES;

    private SequentialKey() {}

    /** The key of an id. */
    public static byte[] of(long id) {
        return ByteBuffer.allocate(BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(id)
                .array();
    }

    /** The id of a key; empty when these bytes are none. */
    public static OptionalLong id(byte[] key) {
        if (key.length != BYTES) {
            return OptionalLong.empty();
        }
        long id = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return id < 0 ? OptionalLong.empty() : OptionalLong.of(id);
    }
}
