package org.qsfs.zdb.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.FormatException;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the files of a namespace and repairs what a crash left behind (ZDB.md §11, §17.1).
 *
 * <ul>
 *   <li>A FLUSH that did not end is ended.
 *   <li>A last index file without a complete header is written again, or removed when it has no data file.
 *   <li>The active data file is cut behind its last entry with a right checksum, and replayed against the index.
 *   <li>An active data file that is gone is not replaced: its offsets would be used again. A new pair is opened.
 * </ul>
 */
final class StoreLoader {
    /** Marks a FLUSH under way; contains the mode. */
    private static final String FLUSH_MARK = "zdb-flush";

    private static final Logger LOG = LoggerFactory.getLogger(StoreLoader.class);

    private final DatabaseConfig config;
    private final FileLayer files;
    private final Statistics statistics;
    private final Path indexDirectory;
    private final Path dataDirectory;

    StoreLoader(DatabaseConfig config, Statistics statistics, String namespace) {
        this.config = config;
        this.files = config.files();
        this.statistics = statistics;
        this.indexDirectory = config.indexRoot().resolve(namespace);
        this.dataDirectory = config.dataRoot().resolve(namespace);
    }

    /** Opens the namespace; creates its first pair of files when there is none. */
    Store load() throws IOException {
        finishFlush();
        Compactor.finish(files, dataDirectory, indexDirectory);
        int last = lastIndex();
        if (last < 0) {
            return create(config.mode() == null ? Mode.USER : config.mode());
        }
        Mode mode = modeOf(0);
        if (config.mode() != null && mode != config.mode()) {
            throw new FormatException("%s is in mode %s, the server runs in mode %s only; start it without --mode"
                    .formatted(index(0), mode, config.mode()));
        }
        Store store = store(mode);
        try {
            load(store, last);
            store.started();
            return store;
        } catch (IOException | RuntimeException e) {
            store.abandon();
            throw e;
        }
    }

    /** Empties the namespace. The store is closed. */
    Store flush(Mode mode) throws IOException {
        Path temporary = indexDirectory.resolve(FLUSH_MARK + ".new");
        try (OpenFile file = files.open(temporary, OpenMode.CREATE)) {
            file.write(0, ByteBuffer.wrap(new byte[] {(byte) (mode == Mode.USER ? 0 : 1)}));
            file.sync();
        }
        files.rename(temporary, indexDirectory.resolve(FLUSH_MARK));
        files.syncDirectory(indexDirectory);
        finishFlush();
        return load();
    }

    /** Removes all files and begins again in another mode. */
    Store create(Mode mode) throws IOException {
        files.createDirectories(indexDirectory);
        files.createDirectories(dataDirectory);
        Store store = store(mode);
        store.data().activate(store.data().prepare(0));
        store.index().create(0, true);
        store.replay(DataFormat.HEADER_BYTES);
        store.started();
        return store;
    }

    private Store store(Mode mode) {
        IndexFiles index = new IndexFiles(files, indexDirectory, mode, config.openFiles());
        DataFiles data = new DataFiles(files, dataDirectory, config.openFiles(), config.offload());
        return mode == Mode.USER
                ? new UserStore(index, data, config.syncMode(), statistics)
                : new SequentialStore(index, data, config.syncMode(), statistics);
    }

    private void load(Store store, int last) throws IOException {
        for (int number = 0; number <= last; number++) {
            modeOf(number);
            int length = length(number);
            store.index().adopt(number, length);
            if (number < last) {
                store.loadClosed(number);
            }
        }
        if (!files.exists(data(last)) && store.index().length(last) > IndexFormat.HEADER_BYTES) {
            LOG.warn(
                    "{}: the active data file is gone; its entries cannot be read, and a new pair is begun",
                    data(last));
            store.loadClosed(last);
            store.data().activate(store.data().prepare(last + 1));
            store.index().create(last + 1, true);
            store.replay(DataFormat.HEADER_BYTES);
            return;
        }
        DataTail tail = tail(last);
        if (tail == null) {
            store.data().activate(store.data().prepare(last));
        } else {
            store.data().resume(last, tail.end(), tail.lastEntry());
        }
        store.replay(tail == null ? DataFormat.HEADER_BYTES : tail.end());
    }

    /** Finds the end of the active data file and cuts what is behind it; null when the file has to be created. */
    private @Nullable DataTail tail(int number) throws IOException {
        Path path = data(number);
        if (!files.exists(path) || files.size(path) < DataFormat.HEADER_BYTES) {
            return null;
        }
        try (OpenFile file = files.open(path, OpenMode.READ_WRITE)) {
            DataTail tail = DataTail.find(file, number, path);
            long length = file.size();
            if (tail.end() < length) {
                LOG.warn("{}: cut {} bytes behind the last whole entry, at {}", path, length - tail.end(), tail.end());
                file.truncate(tail.end());
                file.sync();
            }
            return tail;
        }
    }

    /** Number of the last index file, -1 when there is none. Repairs a last one without header. */
    private int lastIndex() throws IOException {
        List<Integer> numbers = numbers(indexDirectory, "i");
        for (int i = 0; i < numbers.size(); i++) {
            if (numbers.get(i) != i) {
                throw new FormatException(
                        "%s: index file i%d is missing while i%d is there; restore it, or write it again with `qsfs zdb rebuild-index`"
                                .formatted(indexDirectory, i, numbers.get(i)));
            }
        }
        int last = numbers.size() - 1;
        if (last >= 0 && files.size(index(last)) < IndexFormat.HEADER_BYTES) {
            if (hasEntries(last) || last == 0) {
                rewriteHeader(last);
            } else {
                LOG.warn("{}: removed, it has no header and no data", index(last));
                files.delete(data(last));
                files.delete(index(last));
                last--;
            }
        }
        List<Integer> dataNumbers = numbers(dataDirectory, "d");
        if (last >= 0 && dataNumbers.contains(last + 1)) {
            if (hasEntries(last + 1)) {
                LOG.warn("{}: missing, written again from its data file", index(last + 1));
                last++;
                rewriteHeader(last);
            } else {
                files.delete(data(last + 1));
            }
        }
        return last;
    }

    private boolean hasEntries(int number) throws IOException {
        return files.exists(data(number)) && files.size(data(number)) > DataFormat.HEADER_BYTES;
    }

    private void rewriteHeader(int number) throws IOException {
        Mode mode = number == 0 ? (config.mode() == null ? Mode.USER : config.mode()) : modeOf(0);
        Path temporary = indexDirectory.resolve(IndexFormat.fileName(number) + ".new");
        try (OpenFile file = files.open(temporary, OpenMode.CREATE)) {
            file.write(0, IndexFormat.header(number, mode));
            file.sync();
        }
        files.rename(temporary, index(number));
        files.syncDirectory(indexDirectory);
    }

    private Mode modeOf(int number) throws IOException {
        try (OpenFile file = files.open(index(number), OpenMode.READ)) {
            ByteBuffer header = ByteBuffer.allocate(IndexFormat.HEADER_BYTES);
            if (file.size() < IndexFormat.HEADER_BYTES) {
                throw new FormatException(
                        "%s has %d bytes, its header has 29; restore it, or write it again with `qsfs zdb rebuild-index`"
                                .formatted(index(number), file.size()));
            }
            file.readFully(header, 0);
            return IndexFormat.checkHeader(header.flip(), number, index(number).toString());
        }
    }

    private int length(int number) throws IOException {
        long length = files.size(index(number));
        if (length > IndexFiles.MAX_BYTES + (long) IndexFiles.MAX_BYTES - 1) {
            throw new FormatException("%s has %d bytes; at most 2 GiB can be read".formatted(index(number), length));
        }
        return (int) length;
    }

    private void finishFlush() throws IOException {
        Path mark = indexDirectory.resolve(FLUSH_MARK);
        if (!files.exists(mark)) {
            return;
        }
        Mode mode = Mode.USER;
        try (OpenFile file = files.open(mark, OpenMode.READ)) {
            ByteBuffer content = ByteBuffer.allocate(1);
            if (file.read(content, 0) == 1 && content.get(0) == 1) {
                mode = Mode.SEQUENTIAL;
            }
        }
        for (int number : numbers(dataDirectory, "d")) {
            files.delete(data(number));
        }
        for (int number : numbers(indexDirectory, "i").reversed()) {
            files.delete(index(number));
        }
        files.delete(indexDirectory.resolve(DirtyFiles.FILE_NAME));
        files.syncDirectory(dataDirectory);
        try (Store empty = create(mode)) {
            empty.sync();
        }
        files.delete(mark);
        files.syncDirectory(indexDirectory);
    }

    private List<Integer> numbers(Path directory, String prefix) throws IOException {
        List<Integer> numbers = new ArrayList<>();
        for (String name : files.list(directory)) {
            if (name.matches(prefix + "(0|[1-9][0-9]{0,8})")) {
                numbers.add(Integer.valueOf(name.substring(1)));
            }
        }
        numbers.sort(null);
        return numbers;
    }

    private Path index(int number) {
        return indexDirectory.resolve(IndexFormat.fileName(number));
    }

    private Path data(int number) {
        return dataDirectory.resolve(DataFormat.fileName(number));
    }
}
