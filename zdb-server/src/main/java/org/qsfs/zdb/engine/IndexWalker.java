package org.qsfs.zdb.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.format.IndexFormat;

/** Walks the records of one index file forward, from the boundary of a record. */
final class IndexWalker {
    private static final int WINDOW_BYTES = 64 << 10;

    private final IndexFiles index;
    private final int file;
    private final ByteBuffer window;
    private int windowFrom;
    private int at;

    IndexWalker(IndexFiles index, int file, int from) {
        this.index = index;
        this.file = file;
        this.at = Math.max(from, IndexFormat.HEADER_BYTES);
        // a short file needs no window of full size, but the longest record must fit, for it may be appended meanwhile
        int wanted = Math.clamp(index.length(file) - this.at, IndexFiles.LONGEST_RECORD, WINDOW_BYTES);
        this.window = ByteBuffer.allocate(wanted).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    }

    /** The next record; null at the end of the whole records of the file. */
    @Nullable
    StoredRecord next() throws IOException {
        if (at >= index.length(file)) {
            return null;
        }
        StoredRecord record = IndexFiles.recordAt(file, windowFrom, window, at);
        if (record == null) {
            index.readWindow(file, at, window.clear());
            windowFrom = at;
            record = IndexFiles.recordAt(file, windowFrom, window, at);
            if (record == null) {
                return null;
            }
        }
        at = record.end();
        return record;
    }

    /** Offset of the record that {@link #next} gives. */
    int position() {
        return at;
    }
}
