package org.qsfs.zdb.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.FilePool;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.IndexFormat;

/**
 * The files of a namespace: which {@code dN} and {@code iN} are here, and a bounded number of data files kept open to read.
 *
 * <p>Reads take no lock. A file that is evicted under a reader is read from {@link MissingSegments}.
 */
final class SegmentDirectory implements Closeable {
    private static final Pattern DATA = Pattern.compile("d(0|[1-9][0-9]{0,8})");
    private static final Pattern INDEX = Pattern.compile("i(0|[1-9][0-9]{0,8})");

    private final SegmentLogConfig config;
    private final FileLayer files;
    private final Path data;
    private final Path index;
    /** Held while a data file goes or comes and {@code local} follows. */
    private final ReentrantLock placing = new ReentrantLock();
    /** By number; the active one's length is its writer's. */
    private final ConcurrentSkipListMap<Integer, LocalFile> local = new ConcurrentSkipListMap<>();

    private final Set<Integer> indexed = new ConcurrentSkipListSet<>();
    private final FilePool open;

    /** A data file that is here. */
    private record LocalFile(long length, AccessScore reads) {
        static LocalFile of(long length) {
            return new LocalFile(length, new AccessScore(System.nanoTime()));
        }

        LocalFile withLength(long next) {
            return new LocalFile(next, reads);
        }
    }

    SegmentDirectory(SegmentLogConfig config) throws IOException {
        this.config = config;
        this.files = config.files();
        this.data = config.dataDirectory();
        this.index = config.indexDirectory();
        this.open = new FilePool(
                config.openFiles(), number -> files.open(data.resolve(DataFormat.fileName(number)), OpenMode.READ));
        for (String name : files.list(data)) {
            Matcher m = DATA.matcher(name);
            if (m.matches()) {
                local.put(Integer.valueOf(m.group(1)), LocalFile.of(files.size(data.resolve(name))));
            }
        }
        for (String name : files.list(index)) {
            Matcher m = INDEX.matcher(name);
            if (m.matches() && files.size(index.resolve(name)) >= IndexFormat.HEADER_BYTES) {
                indexed.add(Integer.valueOf(m.group(1)));
            }
        }
    }

    int highest() {
        int highest = local.isEmpty() ? -1 : local.lastKey();
        for (int n : indexed) {
            highest = Math.max(highest, n);
        }
        return highest;
    }

    Set<Integer> numbers() {
        Set<Integer> all = new ConcurrentSkipListSet<>(local.keySet());
        all.addAll(indexed);
        return all;
    }

    boolean isLocal(int number) {
        return local.containsKey(number);
    }

    boolean isIndexed(int number) {
        return indexed.contains(number);
    }

    /** Length of a local data file, -1 when there is none. */
    long localLength(int number) {
        LocalFile file = local.get(number);
        return file == null ? -1 : file.length();
    }

    /** How recently and often a local data file was read or written, see {@link AccessScore}; 0 when it is not here. */
    double heat(int number) {
        LocalFile file = local.get(number);
        return file == null ? 0 : file.reads().at(System.nanoTime());
    }

    void added(int number, long length, OpenFile file) throws IOException {
        LocalFile added = LocalFile.of(length);
        added.reads().accessed(System.nanoTime());
        local.put(number, added);
        open.pin(number, file);
    }

    void closed(int number, long length) {
        local.computeIfPresent(number, (_, file) -> file.withLength(length));
    }

    void indexWritten(int number) {
        indexed.add(number);
    }

    /** Fills {@code dst} from a data file, wherever it is. */
    void read(int number, long position, ByteBuffer dst) throws IOException {
        int start = dst.position();
        LocalFile file = local.get(number);
        if (file != null) {
            try {
                open.read(number, dst, position);
                file.reads().accessed(System.nanoTime());
                return;
            } catch (NoSuchFileException e) {
                // evicted meanwhile, or removed behind our back; the bytes may be stored elsewhere
                forgetMissing(number);
                dst.position(start);
            }
        }
        config.missing().read(number, position, dst);
    }

    /** Unless it was put back since. */
    private void forgetMissing(int number) {
        placing.lock();
        try {
            if (!files.exists(data.resolve(DataFormat.fileName(number)))) {
                local.remove(number);
            }
        } finally {
            placing.unlock();
        }
    }

    /** Removes a local data file; its index file stays. */
    void evict(int number) throws IOException {
        placing.lock();
        try {
            remove(number);
        } finally {
            placing.unlock();
        }
    }

    private void remove(int number) throws IOException {
        @Nullable LocalFile file = local.remove(number);
        if (file == null) {
            return;
        }
        try {
            files.delete(data.resolve(DataFormat.fileName(number)));
        } catch (IOException e) {
            local.put(number, file);
            throw e;
        }
        open.forget(number);
        files.syncDirectory(data);
    }

    /** Puts a complete data file in place. */
    void install(int number, Path complete) throws IOException {
        long length;
        try (OpenFile file = files.open(complete, OpenMode.READ_WRITE)) {
            length = file.size();
            ByteBuffer header = ByteBuffer.allocate(DataFormat.HEADER_BYTES);
            file.readFully(header, 0);
            DataFormat.checkHeader(header.flip(), number, complete.toString());
            file.sync();
        }
        placing.lock();
        try {
            files.rename(complete, data.resolve(DataFormat.fileName(number)));
            files.syncDirectory(data);
            open.forget(number);
            LocalFile installed = LocalFile.of(length);
            installed.reads().accessed(System.nanoTime());
            local.put(number, installed);
        } finally {
            placing.unlock();
        }
    }

    /** Gives the memory back in which the system keeps a local data file. */
    void dropCached(int number) {
        if (isLocal(number)) {
            files.dropCached(data.resolve(DataFormat.fileName(number)));
        }
    }

    /** Makes a local data file and its name durable. */
    void sync(int number) throws IOException {
        try (OpenFile file = files.open(data.resolve(DataFormat.fileName(number)), OpenMode.READ_WRITE)) {
            file.sync();
        }
        files.syncDirectory(data);
    }

    /** Truncates a data file and removes all later files; durable on return. */
    void cut(LogPosition end) throws IOException {
        for (int number : List.copyOf(numbers())) {
            boolean keepsBytes = number == end.segment() && end.offset() >= DataFormat.HEADER_BYTES;
            if (number > end.segment() || (number == end.segment() && !keepsBytes)) {
                local.remove(number);
                open.forget(number);
                files.delete(data.resolve(DataFormat.fileName(number)));
                removeIndex(number);
            } else if (number == end.segment() && local.containsKey(number)) {
                truncate(number, end.offset());
            }
        }
        for (Path directory : List.of(data, index)) {
            if (files.exists(directory)) {
                files.syncDirectory(directory);
            }
        }
    }

    private void truncate(int number, long length) throws IOException {
        open.forget(number);
        try (OpenFile file = files.open(data.resolve(DataFormat.fileName(number)), OpenMode.READ_WRITE)) {
            if (length < file.size()) {
                // it describes entries that go away
                removeIndex(number);
                file.truncate(length);
            }
            file.sync();
            local.put(number, LocalFile.of(file.size()));
        }
    }

    private void removeIndex(int number) throws IOException {
        if (indexed.remove(number)) {
            files.delete(index.resolve(IndexFormat.fileName(number)));
        }
    }

    @Override
    public void close() throws IOException {
        open.close();
    }
}
