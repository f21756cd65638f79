package org.qsfs.zdb.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Entries that the owner of a log puts first and last into each segment; the journal begins a segment with the hash of the
 * one before and the data segments it needs, and ends it with a trailer.
 *
 * <p>Called under the append lock: nothing else is appended in between, and the log itself must not be called. Other logs may
 * be (closing a journal segment first closes the data segment that it refers to). An exception fails the append or roll
 * that caused the call.
 */
public interface SegmentFraming {
    /** An entry. {@code key} has 1..255 bytes. */
    @SuppressWarnings("ArrayRecordComponent") // keys are bytes; records are not compared
    record Frame(byte[] key, ByteBuffer value) {}

    /** Bytes kept free for the trailer in each segment: 18 + key + value of the longest one; 0 when there is none. */
    int trailerBytes();

    /** The first entry of a new segment, or null. {@code at} is where it will stand. */
    @Nullable
    Frame header(LogPosition at) throws IOException;

    /** The last entry of a segment that closes, or null. {@code at} is where it will stand. At most {@link #trailerBytes} long. */
    @Nullable
    Frame trailer(LogPosition at) throws IOException;

    /** No entries of the log's own. */
    SegmentFraming NONE = new SegmentFraming() {
        @Override
        public int trailerBytes() {
            return 0;
        }

        @Override
        public @Nullable Frame header(LogPosition at) {
            return null;
        }

        @Override
        public @Nullable Frame trailer(LogPosition at) {
            return null;
        }
    };
}
