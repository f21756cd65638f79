package org.qsfs.zdb.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.log.EntryWalker;

/**
 * The end of the usable part of a data file.
 *
 * @param end behind the last entry with a right checksum that can be walked to
 * @param lastEntry offset of that entry, unsigned; 0 = none
 */
record DataTail(long end, int lastEntry) {
    /** Walks a file that has a complete header; {@code path} is for messages. */
    static DataTail find(OpenFile file, int number, Path path) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(DataFormat.HEADER_BYTES);
        file.readFully(header, 0);
        DataFormat.checkHeader(header.flip(), number, path.toString());
        long[] end = {DataFormat.HEADER_BYTES, 0};
        new EntryWalker(number, (dst, at) -> file.readFully(dst, at), file.size(), true).walk(0, entry -> {
            if (entry.crcOk()) {
                end[0] = entry.end().offset();
                end[1] = entry.location().position();
            }
            return true;
        });
        return new DataTail(end[0], (int) end[1]);
    }
}
