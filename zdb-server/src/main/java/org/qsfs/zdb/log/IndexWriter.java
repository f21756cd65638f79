package org.qsfs.zdb.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.IndexRecord;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.qsfs.zdb.log.ScanEnd.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes {@code iN} of a closed user-mode segment from its data file. The file appears whole: it is written under another
 * name and renamed when durable.
 */
final class IndexWriter {
    private static final Logger log = LoggerFactory.getLogger(IndexWriter.class);
    private static final int BUFFER_BYTES = 64 << 10;

    private final FileLayer files;
    private final Path directory;
    /** Offset of the last record of the files so far, 0 = there is none; -1 = not known yet. */
    private long lastRecord = -1;

    IndexWriter(FileLayer files, Path directory) {
        this.files = files;
        this.directory = directory;
    }

    /**
     * Writes the index of a local segment by reading that. What follows a damaged entry header is left out: entries are found by location without it, and a segment with a flipped
     * bit must not keep the log from being opened.
     */
    void write(int number, EntryWalker.Source data, long dataLength) throws IOException {
        write(number, visitor -> {
            ScanEnd end = new EntryWalker(number, data, dataLength, false).walk(0, visitor);
            if (end.reason() == Reason.CORRUPT) {
                log.warn("the index of a damaged segment ends early: {}", end.detail());
            }
        });
    }

    /** Writes the index of a segment of which all entries are known. */
    void write(int number, IndexEntries entries) throws IOException {
        write(number, entries::visit);
    }

    private interface Entries {
        void visit(EntryVisitor visitor) throws IOException;
    }

    private void write(int number, Entries entries) throws IOException {
        if (lastRecord < 0) {
            lastRecord = lastRecordBefore(number);
        }
        Path temporary = directory.resolve(IndexFormat.fileName(number) + ".new");
        try (OpenFile file = files.open(temporary, OpenMode.CREATE)) {
            Output out = new Output(file, number, lastRecord);
            entries.visit(out::add);
            out.flush();
            file.sync();
            lastRecord = out.previous;
        }
        files.rename(temporary, directory.resolve(IndexFormat.fileName(number)));
        files.syncDirectory(directory);
    }

    /** Writes a header-only index: the segment is gone, but a gap would hide later files from 0-db. The caller syncs the directory. */
    void writePlaceholder(int number) throws IOException {
        try (OpenFile file = files.open(directory.resolve(IndexFormat.fileName(number)), OpenMode.CREATE)) {
            file.write(0, IndexFormat.header(number, Mode.USER));
        }
    }

    private long lastRecordBefore(int number) throws IOException {
        for (int n = number - 1; n >= 0; n--) {
            Path path = directory.resolve(IndexFormat.fileName(n));
            if (files.exists(path) && files.size(path) > IndexFormat.HEADER_BYTES) {
                return lastRecordOf(path);
            }
        }
        return 0;
    }

    private long lastRecordOf(Path path) throws IOException {
        try (OpenFile file = files.open(path, OpenMode.READ)) {
            long size = file.size();
            long at = IndexFormat.HEADER_BYTES;
            long last = 0;
            ByteBuffer window = ByteBuffer.allocate(BUFFER_BYTES);
            while (at < size) {
                window.clear().limit((int) Math.min(BUFFER_BYTES, size - at));
                file.readFully(window, at);
                int used = 0;
                while (used < window.limit()) {
                    int record = IndexFormat.RECORD_HEADER_BYTES + (window.get(used) & 0xff);
                    if (used + record > window.limit()) {
                        break;
                    }
                    last = at + used;
                    used += record;
                }
                if (used == 0) {
                    return last;
                }
                at += used;
            }
            return last;
        }
    }

    /** Records on their way to one file. */
    private static final class Output {
        private final OpenFile file;
        private final int number;
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        private long flushed;
        private long previous;

        Output(OpenFile file, int number, long previous) {
            this.file = file;
            this.number = number;
            this.previous = previous;
            buffer.put(IndexFormat.header(number, Mode.USER));
        }

        boolean add(EntryVisitor.Entry entry) throws IOException {
            if (entry.tombstone()) {
                return true;
            }
            int keyLength = entry.key().length;
            if (buffer.remaining() < IndexFormat.RECORD_HEADER_BYTES + keyLength) {
                flush();
            }
            long at = flushed + buffer.position();
            IndexFormat.putRecord(
                    buffer,
                    new IndexRecord(
                            keyLength,
                            entry.location().offset(),
                            entry.location().length(),
                            (int) previous,
                            0,
                            number,
                            entry.timestamp(),
                            entry.crc(),
                            0,
                            0));
            buffer.put(entry.key());
            previous = at;
            return true;
        }

        void flush() throws IOException {
            int count = buffer.flip().remaining();
            file.write(flushed, buffer);
            flushed += count;
            buffer.clear();
        }
    }
}
