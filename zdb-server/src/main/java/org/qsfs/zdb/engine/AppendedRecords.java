package org.qsfs.zdb.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.IndexRecord;

/**
 * The end of the active index file that is not in the file yet, so that many records cost one write. A crash loses it; the data file, which is the journal, has all that is needed to make
 * it again. Thread-safe.
 */
final class AppendedRecords {
    private static final int BYTES = 16 << 10;

    /** Writes bytes into an index file; what a failed call wrote is cut off again. */
    interface Output {
        void write(int file, ByteBuffer bytes, int position) throws IOException;
    }

    private final Output output;
    private final ByteBuffer waiting = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private int file;
    private int from;

    AppendedRecords(Output output) {
        this.output = output;
    }

    /**
     * Takes a record that belongs at this offset, right behind the one before.
     *
     * @return its bytes
     * @throws IOException there was no room, and the records before could not be written; this one is not taken
     */
    synchronized int add(int number, int offset, IndexRecord record, byte[] key) throws IOException {
        if (waiting.remaining() < IndexFiles.LONGEST_RECORD || number != file) {
            write();
        }
        if (waiting.position() == 0) {
            file = number;
            from = offset;
        }
        int before = waiting.position();
        IndexFormat.putRecord(waiting, record);
        waiting.put(key);
        return waiting.position() - before;
    }

    /** Writes all records. On failure they stay. */
    synchronized void write() throws IOException {
        if (waiting.position() > 0) {
            output.write(file, waiting.duplicate().flip(), from);
            waiting.clear();
        }
    }

    /**
     * Fills the end of a window that lies in no file yet. Its position and limit stay.
     *
     * @param offset of the window in the file
     * @return how many bytes at the beginning of the window are left, which are in the file
     */
    synchronized int copy(int number, int offset, ByteBuffer window) {
        int end = offset + window.remaining();
        if (!isWaiting(number, end)) {
            return window.remaining();
        }
        int at = Math.max(offset, from);
        window.put(window.position() + at - offset, waiting, at - from, end - at);
        return at - offset;
    }

    /** Whether bytes before this offset of a file are not in it yet. */
    synchronized boolean isWaiting(int number, int end) {
        return waiting.position() > 0 && number == file && end > from;
    }
}
