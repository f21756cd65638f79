package org.qsfs.zdb.tool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.FormatException;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.IndexRecord;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.qsfs.zdb.log.EntryVisitor;
import org.qsfs.zdb.log.EntryWalker;
import org.qsfs.zdb.log.ScanEnd;

/** The files of one namespace, read as they are. */
final class NamespaceFiles {
    /** Sees index records in order. */
    interface RecordVisitor {
        void record(int offset, IndexRecord record, byte[] key) throws IOException;
    }

    private final FileLayer files;
    private final Path dataDirectory;
    private final Path indexDirectory;

    NamespaceFiles(FileLayer files, Path dataDirectory, Path indexDirectory) {
        this.files = files;
        this.dataDirectory = dataDirectory;
        this.indexDirectory = indexDirectory;
    }

    Path data(int number) {
        return dataDirectory.resolve(DataFormat.fileName(number));
    }

    Path index(int number) {
        return indexDirectory.resolve(IndexFormat.fileName(number));
    }

    boolean hasData(int number) {
        return files.exists(data(number));
    }

    boolean hasIndex(int number) {
        return files.exists(index(number));
    }

    /** Walks an index file; what is wrong at its end, empty when nothing is. */
    String walkIndex(int number, RecordVisitor visitor) throws IOException {
        try (OpenFile file = files.open(index(number), OpenMode.READ)) {
            long size = file.size();
            mode(file, number);
            long at = IndexFormat.HEADER_BYTES;
            ByteBuffer head = ByteBuffer.allocate(IndexFormat.RECORD_HEADER_BYTES + DataFormat.MAX_KEY_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN);
            while (at < size) {
                head.clear().limit((int) Math.min(head.capacity(), size - at));
                file.readFully(head, at);
                if (head.limit() < IndexFormat.RECORD_HEADER_BYTES
                        || head.limit() < IndexFormat.RECORD_HEADER_BYTES + (head.get(0) & 0xff)) {
                    return "%s: %d bytes at %d are no whole record".formatted(index(number), size - at, at);
                }
                IndexRecord record = IndexFormat.record(head, 0);
                byte[] key = new byte[record.keyLength()];
                head.get(IndexFormat.RECORD_HEADER_BYTES, key);
                visitor.record((int) at, record, key);
                at += record.recordBytes();
            }
            return "";
        }
    }

    Mode mode(int number) throws IOException {
        try (OpenFile file = files.open(index(number), OpenMode.READ)) {
            return mode(file, number);
        }
    }

    private Mode mode(OpenFile file, int number) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(IndexFormat.HEADER_BYTES);
        if (file.size() < header.capacity()) {
            throw new FormatException(
                    "%s has %d bytes, its header has %d".formatted(index(number), file.size(), header.capacity()));
        }
        file.readFully(header, 0);
        return IndexFormat.checkHeader(header.flip(), number, index(number).toString());
    }

    /** Walks a data file with its values. */
    ScanEnd walkData(int number, EntryVisitor visitor) throws IOException {
        try (OpenFile file = files.open(data(number), OpenMode.READ)) {
            return new EntryWalker(number, (dst, at) -> file.readFully(dst, at), file.size(), true).walk(0, visitor);
        }
    }
}
