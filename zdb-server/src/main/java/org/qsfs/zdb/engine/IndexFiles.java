package org.qsfs.zdb.engine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.FilePool;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.IndexRecord;
import org.qsfs.zdb.format.IndexFormat.Mode;

/**
 * The index files of a namespace: appended to, and changed in place.
 *
 * <p>Appended records are collected ({@link AppendedRecords}) and written when there are many, or {@link #write} is called.
 *
 * <p>A change in place waits in memory until the data entry that causes it is durable ({@link #patch}, {@link #applyPatches}); reads
 * see it at once. Appends and patches are made under the store's lock; reads and applying are made by anyone.
 */
final class IndexFiles implements Closeable {
    /** An index file is not longer than this: its offsets are kept in an int. */
    static final int MAX_BYTES = 1 << 30;

    static final int LONGEST_RECORD = IndexFormat.RECORD_HEADER_BYTES + DataFormat.MAX_KEY_BYTES;

    /** Changed records that lie closer together than this are written in one call, with what is between them. */
    private static final int MOST_BETWEEN = 4 << 10;

    private static final int MOST_TOGETHER = 64 << 10;

    /**
     * A changed record that may not reach the disk before the data position {@code ticket} has; without {@code record} it is only
     * flagged as deleted.
     */
    private record Patch(@Nullable IndexRecord record, long ticket) {
        /** Changes the record that begins at {@code at}. */
        void apply(ByteBuffer bytes, int at) {
            if (record == null) {
                bytes.put(
                        at + IndexFormat.FLAGS_AT, (byte) (bytes.get(at + IndexFormat.FLAGS_AT) | IndexFormat.DELETED));
            } else {
                IndexFormat.putRecord(
                        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(at), record);
            }
        }

        IndexRecord apply(IndexRecord onDisk) {
            return record == null ? onDisk.flagged() : record;
        }
    }

    private final FileLayer files;
    private final Path directory;
    private final Mode mode;
    private final FilePool pool;
    private final AppendedRecords appended = new AppendedRecords(this::writeAppended);

    private volatile int[] lengths = new int[4];
    private volatile int count;
    /** Offset of the record appended last, in whatever file; 0 = none. */
    private volatile int lastRecord;

    /** Held to write while patches move from memory to disk, so that a reader sees each in one of the two. */
    private final ReadWriteLock patchLock = new ReentrantReadWriteLock();

    private final NavigableMap<Long, Patch> patches = new TreeMap<>();
    /** Files written to since they were last synced. */
    private final Set<Integer> unsynced = new HashSet<>();

    IndexFiles(FileLayer files, Path directory, Mode mode, int openFiles) {
        this.files = files;
        this.directory = directory;
        this.mode = mode;
        this.pool = new FilePool(openFiles, n -> files.open(path(n), OpenMode.READ_WRITE));
    }

    FileLayer files() {
        return files;
    }

    Path directory() {
        return directory;
    }

    Path path(int number) {
        return directory.resolve(IndexFormat.fileName(number));
    }

    Mode mode() {
        return mode;
    }

    /** Number of files; the last is the active one. */
    int count() {
        return count;
    }

    int active() {
        return count - 1;
    }

    /** Bytes of whole records and the header. */
    int length(int number) {
        return lengths[number];
    }

    /** Takes over an existing file as the next one. */
    void adopt(int number, int length) throws IOException {
        add(number, length, files.open(path(number), OpenMode.READ_WRITE));
    }

    int lastRecord() {
        return lastRecord;
    }

    /** Told while loading, for each record in order: the next one appended comes after this. */
    void passed(int offset) {
        lastRecord = offset;
    }

    /** Creates the next file with its header; it appears whole. */
    void create(int number, boolean durable) throws IOException {
        write();
        Path temporary = directory.resolve(IndexFormat.fileName(number) + ".new");
        try (OpenFile file = files.open(temporary, OpenMode.CREATE)) {
            file.write(0, IndexFormat.header(number, mode));
            if (durable) {
                file.sync();
            }
        }
        files.rename(temporary, path(number));
        if (durable) {
            files.syncDirectory(directory);
        }
        add(number, IndexFormat.HEADER_BYTES, files.open(path(number), OpenMode.READ_WRITE));
    }

    private void add(int number, int length, OpenFile file) throws IOException {
        pool.pin(number, file);
        if (number == lengths.length) {
            lengths = Arrays.copyOf(lengths, 2 * number);
        }
        lengths[number] = length;
        count = number + 1;
    }

    /** Appends a record to the active file and returns its offset; its {@code previous} is filled in. On failure nothing is appended. */
    int append(IndexRecord r, byte[] key) throws IOException {
        int file = active();
        int at = lengths[file];
        IndexRecord record = new IndexRecord(
                r.keyLength(),
                r.offset(),
                r.valueLength(),
                lastRecord,
                r.flags(),
                r.dataFile(),
                r.timestamp(),
                r.crc(),
                r.parentFile(),
                r.parentOffset());
        int bytes = appended.add(file, at, record, key);
        lastRecord = at;
        int[] all = lengths;
        all[file] = at + bytes;
        // publishes the new length: readers take the array from the volatile field
        lengths = all;
        return at;
    }

    /** Writes the records that were appended. On failure they wait on. */
    void write() throws IOException {
        appended.write();
    }

    private void writeAppended(int file, ByteBuffer bytes, int position) throws IOException {
        try {
            pool.write(file, bytes, position);
        } catch (IOException e) {
            truncateAfter(file, position, e);
            throw e;
        }
        synchronized (unsynced) {
            unsynced.add(file);
        }
    }

    private void truncateAfter(int file, int length, IOException cause) {
        try (OpenFile opened = files.open(path(file), OpenMode.READ_WRITE)) {
            opened.truncate(length);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** Cuts the active file; only while loading. */
    void truncateActive(int length) throws IOException {
        write();
        try (OpenFile file = files.open(path(active()), OpenMode.READ_WRITE)) {
            file.truncate(length);
        }
        synchronized (unsynced) {
            unsynced.add(active());
        }
        lengths[active()] = length;
        synchronized (patches) {
            patches.tailMap(place(active(), length)).clear();
        }
    }

    /** The record at an offset, or null when there can be none. The offset must be the boundary of a record. */
    @Nullable
    StoredRecord read(int file, int offset) throws IOException {
        if (file < 0 || file >= count || offset < IndexFormat.HEADER_BYTES || offset >= lengths[file]) {
            return null;
        }
        int available = lengths[file] - offset;
        if (available < IndexFormat.RECORD_HEADER_BYTES) {
            return null;
        }
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.min(LONGEST_RECORD, available)).order(ByteOrder.LITTLE_ENDIAN);
        patchLock.readLock().lock();
        try {
            read(file, offset, bytes);
            return stored(file, offset, bytes.flip());
        } finally {
            patchLock.readLock().unlock();
        }
    }

    /** Reads part of a file, from the boundary of a record, into a little-endian window, and lays waiting changes over it. */
    void readWindow(int file, int from, ByteBuffer window) throws IOException {
        patchLock.readLock().lock();
        try {
            int start = window.position();
            window.limit((int) Math.min(window.limit(), start + (long) lengths[file] - from));
            read(file, from, window);
            window.flip();
            layPatchesOver(file, from, window);
            window.position(0);
        } finally {
            patchLock.readLock().unlock();
        }
    }

    /** Fills a window, wherever its bytes are. */
    private void read(int file, int from, ByteBuffer window) throws IOException {
        int end = window.limit();
        int inFile = appended.copy(file, from, window);
        pool.read(file, window.limit(window.position() + inFile), from);
        window.limit(end).position(end);
    }

    /** Whether the present bytes of the window hold a record at {@code at}; the record if so. */
    static @Nullable StoredRecord recordAt(int file, int windowFrom, ByteBuffer window, int offset) {
        int at = offset - windowFrom;
        if (at + IndexFormat.RECORD_HEADER_BYTES > window.limit()) {
            return null;
        }
        IndexRecord record = IndexFormat.record(window, at);
        if (at + record.recordBytes() > window.limit()) {
            return null;
        }
        byte[] key = new byte[record.keyLength()];
        window.get(at + IndexFormat.RECORD_HEADER_BYTES, key);
        return new StoredRecord(file, offset, record, key);
    }

    private void layPatchesOver(int file, int from, ByteBuffer window) {
        synchronized (patches) {
            patches.subMap(place(file, from), place(file, from) + window.limit())
                    .forEach((place, patch) -> {
                        int at = place.intValue() - from;
                        if (at + IndexFormat.RECORD_HEADER_BYTES <= window.limit()) {
                            patch.apply(window, at);
                        }
                    });
        }
    }

    private @Nullable StoredRecord stored(int file, int offset, ByteBuffer bytes) {
        StoredRecord onDisk = recordAt(file, offset, bytes, offset);
        if (onDisk == null) {
            return null;
        }
        synchronized (patches) {
            Patch patch = patches.get(place(file, offset));
            return patch == null ? onDisk : new StoredRecord(file, offset, patch.apply(onDisk.record()), onDisk.key());
        }
    }

    /** Changes a record in place, once the data position {@code ticket} is durable. */
    void patch(int file, int offset, IndexRecord record, long ticket) {
        synchronized (patches) {
            patches.put(place(file, offset), new Patch(record, ticket));
        }
    }

    /** Flags a record as deleted, once the data position {@code ticket} is durable. */
    void flag(int file, int offset, long ticket) {
        synchronized (patches) {
            patches.compute(place(file, offset), (place, before) -> {
                IndexRecord record = before == null ? null : before.record();
                return new Patch(record == null ? null : record.flagged(), ticket);
            });
        }
    }

    int waitingPatches() {
        synchronized (patches) {
            return patches.size();
        }
    }

    /** Writes the changes whose data is durable up to {@code ticket} into the files; those of records that wait to be written themselves wait on. */
    void applyPatches(long ticket) throws IOException {
        if (waitingPatches() == 0) {
            return;
        }
        patchLock.writeLock().lock();
        try {
            synchronized (patches) {
                List<Map.Entry<Long, Patch>> due = new ArrayList<>();
                patches.forEach((place, patch) -> {
                    if (patch.ticket() <= ticket && isWritten(place)) {
                        due.add(Map.entry(place, patch));
                    }
                });
                writeAll(due);
                due.forEach(written -> patches.remove(written.getKey()));
            }
        } finally {
            patchLock.writeLock().unlock();
        }
    }

    private boolean isWritten(long place) {
        return !appended.isWaiting((int) (place >>> 32), (int) place + IndexFormat.RECORD_HEADER_BYTES);
    }

    private void writeAll(List<Map.Entry<Long, Patch>> due) throws IOException {
        int from = 0;
        for (int i = 1; i <= due.size(); i++) {
            if (i == due.size() || !fits(due.subList(from, i), due.get(i).getKey())) {
                write(due.subList(from, i));
                from = i;
            }
        }
    }

    /** Whether a place is close enough behind the last of these, and in the same file. */
    private static boolean fits(List<Map.Entry<Long, Patch>> together, long place) {
        long first = together.getFirst().getKey();
        long last = together.getLast().getKey();
        return first >>> 32 == place >>> 32 && place - last <= MOST_BETWEEN && place - first <= MOST_TOGETHER;
    }

    private void write(List<Map.Entry<Long, Patch>> together) throws IOException {
        long first = together.getFirst().getKey();
        int file = (int) (first >>> 32);
        int from = (int) first;
        int bytes = (int) (together.getLast().getKey() - first) + IndexFormat.RECORD_HEADER_BYTES;
        ByteBuffer window = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (together.size() > 1 || together.getFirst().getValue().record() == null) {
            pool.read(file, window, from);
        }
        for (Map.Entry<Long, Patch> each : together) {
            each.getValue().apply(window, (int) (each.getKey() - first));
        }
        pool.write(file, window.clear(), from);
        synchronized (unsynced) {
            unsynced.add(file);
        }
    }

    /** Makes everything that is in the files durable. */
    void sync() throws IOException {
        Set<Integer> all;
        synchronized (unsynced) {
            all = Set.copyOf(unsynced);
            unsynced.clear();
        }
        // a failed sync fails the store, so nothing is lost by having cleared the set
        for (int file : all) {
            pool.sync(file);
        }
    }

    /** Another file has taken the place of this one; its records are where they were. */
    void replaced(int number) throws IOException {
        pool.forget(number);
    }

    private static long place(int file, int offset) {
        return (long) file << 32 | offset;
    }

    @Override
    public void close() throws IOException {
        pool.close();
    }
}
