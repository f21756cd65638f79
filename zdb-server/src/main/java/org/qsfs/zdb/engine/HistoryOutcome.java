package org.qsfs.zdb.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** One version of a key, or why there is none. */
public sealed interface HistoryOutcome {
    /** A place in the index files that names a version: 8 bytes on the wire, file number and offset, little endian. */
    record Place(int file, int offset) {
        public byte[] bytes() {
            return ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(file)
                    .putInt(offset)
                    .array();
        }

        /** Null when these are not 8 bytes. */
        public static @Nullable Place parse(byte[] bytes) {
            if (bytes.length != 8) {
                return null;
            }
            ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            return new Place(b.getInt(), b.getInt());
        }
    }

    /** A version; {@code before} names the one before it. */
    record Found(@Nullable Place before, Found.Value value) implements HistoryOutcome {
        /** Where its value is. */
        @SuppressWarnings("ArrayRecordComponent") // keys are bytes; records are not compared
        public record Value(Version version, byte[] key, Store store) {
            /** Fills the remaining space of all buffers, which is as long as the value; their positions stay. */
            public void read(ByteBuffer... dst) throws java.io.IOException {
                store.readValue(version, key, dst);
            }
        }
    }

    /** The key has no version, or no record is at that place, or it is of another key. */
    enum Nothing implements HistoryOutcome {
        NO_KEY,
        NO_RECORD,
        OTHER_KEY
    }
}
