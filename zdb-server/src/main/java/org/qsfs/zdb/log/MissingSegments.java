package org.qsfs.zdb.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Source of the bytes of segments that are not on the local disk. Called by any thread, without locks of the log. */
public interface MissingSegments {
    /** Highest segment that is stored, -1 when there is none. */
    int highest() throws IOException;

    /** Length of {@code dN} in bytes; -1 when the segment does not exist (any more). */
    long length(int segment) throws IOException;

    /** Fills the remaining space of {@code dst} with the bytes of {@code dN} from {@code offset}, or throws. */
    void read(int segment, long offset, ByteBuffer dst) throws IOException;

    /** Nothing is kept anywhere else: reading a segment that is not local fails. */
    MissingSegments NONE = new MissingSegments() {
        @Override
        public int highest() {
            return -1;
        }

        @Override
        public long length(int segment) {
            return -1;
        }

        @Override
        public void read(int segment, long offset, ByteBuffer dst) throws IOException {
            throw new IOException("segment " + segment + " is not on the local disk and is stored nowhere else");
        }
    };
}
