package org.qsfs.zdb.log;

import java.nio.ByteBuffer;
import java.util.List;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.ZdbCrc;

/** An entry on its way into a log. */
public final class NewEntry {
    private final byte[] key;
    private final List<ByteBuffer> value;
    private final int valueLength;
    private final int crc;

    /**
     * @param key 1..255 bytes; not copied
     * @param value its bytes are the remaining ones of all buffers in order, together at most 8 MiB; when the entry is appended, their positions move to the limits
     * @param crc {@link ZdbCrc} of the value
     */
    public NewEntry(byte[] key, List<ByteBuffer> value, int crc) {
        long length = 0;
        for (ByteBuffer part : value) {
            length += part.remaining();
        }
        if (length > DataFormat.MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("value of " + length + " bytes; at most " + DataFormat.MAX_VALUE_BYTES);
        }
        this.key = key;
        this.value = value;
        this.valueLength = (int) length;
        this.crc = crc;
    }

    static NewEntry of(byte[] key, ByteBuffer... value) {
        return new NewEntry(key, List.of(value), ZdbCrc.of(value));
    }

    byte[] key() {
        return key;
    }

    List<ByteBuffer> value() {
        return value;
    }

    int valueLength() {
        return valueLength;
    }

    int crc() {
        return crc;
    }

    /** Bytes in a data file. */
    int length() {
        return DataFormat.ENTRY_HEADER_BYTES + key.length + valueLength;
    }
}
