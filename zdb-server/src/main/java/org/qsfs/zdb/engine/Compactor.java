package org.qsfs.zdb.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.IndexRecord;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.qsfs.zdb.log.EntryVisitor;
import org.qsfs.zdb.log.EntryWalker;

/**
 * Rewrites a closed pair of files of a user-mode namespace without the values that no key has any more.
 *
 * <p>Every entry keeps its place in the order, dead ones without value and flagged as truncated; every index record keeps its
 * place in the file, so cursors and history keys stay good. The history's old values are gone.
 *
 * <p>The data file is copied while others write. Then, under the store's lock, the index file is written with the new offsets
 * and both are put in place: data file first, index file second. A copy of the index file that is found without one of the
 * data file tells {@link #finish} that a crash came between the two.
 */
final class Compactor {
    private static final String SUFFIX = ".compact";
    private static final int BUFFER_BYTES = 256 << 10;
    /** A file with less than this part of dead bytes is left alone. */
    private static final double WORTHWHILE = 0.1;

    private final FileLayer files;
    private final UserStore store;
    private final int number;
    /** Offsets of the entries that have records, in the old file and in the new one, ascending. */
    private int[] oldOffsets = new int[256];

    private int[] newOffsets = new int[256];
    /** Whether the new file has the value. */
    private boolean[] kept = new boolean[256];

    private int count;

    Compactor(FileLayer files, UserStore store, int number) {
        this.files = files;
        this.store = store;
        this.number = number;
    }

    int number() {
        return number;
    }

    /** Whether enough of the file is dead. Reads the index only. */
    boolean isWorthwhile() throws IOException {
        long dead = 0;
        long all = 0;
        IndexWalker walker = new IndexWalker(store.index(), number, IndexFormat.HEADER_BYTES);
        for (StoredRecord r = walker.next(); r != null; r = walker.next()) {
            long length = Integer.toUnsignedLong(r.record().valueLength());
            all += DataFormat.ENTRY_HEADER_BYTES + r.key().length + length;
            dead += store.isLive(r) ? 0 : length;
        }
        return dead > WORTHWHILE * all && files.exists(store.data().path(number));
    }

    /** Copies the data file. Others may write meanwhile; what they make dead is copied, too. */
    void copy() throws IOException {
        try (OpenFile from = files.open(store.data().path(number), OpenMode.READ);
                OpenFile to = files.open(copyOf(store.data().path(number)), OpenMode.CREATE)) {
            Output out = new Output(to);
            out.put(DataFormat.header(number));
            new EntryWalker(number, (dst, at) -> from.readFully(dst, at), from.size(), false).walk(0, entry -> {
                copy(entry, from, out);
                return true;
            });
            out.flush();
            to.sync();
        }
        // before there is a copy of the index file: one alone says that this one is in place
        files.syncDirectory(store.data().directory());
    }

    private void copy(EntryVisitor.Entry entry, OpenFile from, Output out) throws IOException {
        byte[] key = entry.key();
        boolean tombstone = entry.tombstone();
        Version live = tombstone ? null : find(key);
        boolean keep = live != null
                && live.dataFile() == number
                && live.dataOffset() == entry.location().offset();
        int length = keep ? entry.location().length() : 0;
        if (!tombstone) {
            remember(entry.location().offset(), (int) out.position(), keep);
        }
        out.entry(
                key,
                length,
                keep ? entry.crc() : 0,
                keep || tombstone ? entry.flags() : entry.flags() | DataFormat.TRUNCATED,
                entry.timestamp());
        long value = entry.location().position() + DataFormat.ENTRY_HEADER_BYTES + key.length;
        out.copy(from, value, length);
    }

    private @org.jspecify.annotations.Nullable Version find(byte[] key) {
        store.lock().readLock().lock();
        try {
            return store.find(key);
        } finally {
            store.lock().readLock().unlock();
        }
    }

    private void remember(int oldOffset, int newOffset, boolean keep) {
        if (count == oldOffsets.length) {
            oldOffsets = Arrays.copyOf(oldOffsets, 2 * count);
            newOffsets = Arrays.copyOf(newOffsets, 2 * count);
            kept = Arrays.copyOf(kept, 2 * count);
        }
        oldOffsets[count] = oldOffset;
        newOffsets[count] = newOffset;
        kept[count++] = keep;
    }

    /** Writes the copy of the index file. The store's lock is held to write, and every change of its index files is in them. */
    void prepare() throws IOException {
        writeIndex(copyOf(store.index().path(number)));
        files.syncDirectory(store.index().directory());
    }

    /** Puts the copies in place, under the same lock as {@link #prepare}. When it fails, a start finishes it. */
    void replace() throws IOException {
        Path data = store.data().path(number);
        Path index = store.index().path(number);
        files.rename(copyOf(data), data);
        files.syncDirectory(store.data().directory());
        store.data().replaced(number);
        files.rename(copyOf(index), index);
        files.syncDirectory(store.index().directory());
        store.index().replaced(number);
        IndexWalker walker = new IndexWalker(store.index(), number, IndexFormat.HEADER_BYTES);
        for (StoredRecord r = walker.next(); r != null; r = walker.next()) {
            store.moved(r);
        }
    }

    private void writeIndex(Path path) throws IOException {
        try (OpenFile to = files.open(path, OpenMode.CREATE)) {
            Output out = new Output(to);
            out.put(IndexFormat.header(number, Mode.USER));
            IndexWalker walker = new IndexWalker(store.index(), number, IndexFormat.HEADER_BYTES);
            for (StoredRecord r = walker.next(); r != null; r = walker.next()) {
                out.record(moved(r), r.key());
            }
            out.flush();
            to.sync();
        }
    }

    private IndexRecord moved(StoredRecord stored) throws IOException {
        IndexRecord r = stored.record();
        int at = indexOf(r.offset());
        if (!kept[at] && store.isLive(stored)) {
            throw new IOException(
                    "%s: the entry at %d has another key than its record in %s; the files are damaged and not compacted"
                            .formatted(
                                    store.data().path(number),
                                    Integer.toUnsignedLong(r.offset()),
                                    store.index().path(number)));
        }
        return new IndexRecord(
                r.keyLength(),
                newOffsets[at],
                kept[at] ? r.valueLength() : 0,
                r.previous(),
                kept[at] ? r.flags() : r.flags() | IndexFormat.DELETED,
                number,
                r.timestamp(),
                kept[at] ? r.crc() : 0,
                r.parentFile(),
                r.parentOffset());
    }

    private int indexOf(int oldOffset) throws IOException {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Integer.compareUnsigned(oldOffsets[middle], oldOffset);
            if (order == 0) {
                return middle;
            }
            low = order < 0 ? middle + 1 : low;
            high = order > 0 ? middle - 1 : high;
        }
        throw new IOException(
                "%s: a record says that its entry is at %d of %s, where none is; the files cannot be compacted"
                        .formatted(
                                store.index().path(number),
                                Integer.toUnsignedLong(oldOffset),
                                store.data().path(number)));
    }

    /** Removes the copies, before {@link #replace} was tried. */
    void discard() throws IOException {
        files.delete(copyOf(store.index().path(number)));
        files.syncDirectory(store.index().directory());
        files.delete(copyOf(store.data().path(number)));
    }

    /** Ends what a crash interrupted: the pair is all old or all new. */
    static void finish(FileLayer files, Path dataDirectory, Path indexDirectory) throws IOException {
        for (String name : files.list(indexDirectory)) {
            if (name.matches("i[0-9]+" + SUFFIX)) {
                Path copy = indexDirectory.resolve(name);
                Path data = dataDirectory.resolve("d" + name.substring(1));
                if (files.exists(data)) {
                    files.delete(copy);
                } else {
                    files.rename(copy, indexDirectory.resolve(name.substring(0, name.length() - SUFFIX.length())));
                }
                files.syncDirectory(indexDirectory);
            }
        }
        for (String name : files.list(dataDirectory)) {
            if (name.matches("d[0-9]+" + SUFFIX)) {
                files.delete(dataDirectory.resolve(name));
            }
        }
    }

    private static Path copyOf(Path path) {
        return path.resolveSibling(path.getFileName() + SUFFIX);
    }

    /** A file that is written from the beginning. */
    private static final class Output {
        private final OpenFile file;
        private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        private long flushed;
        private int lastEntry;

        Output(OpenFile file) {
            this.file = file;
        }

        long position() {
            return flushed + buffer.position();
        }

        void put(ByteBuffer bytes) {
            buffer.put(bytes);
        }

        void entry(byte[] key, int length, int crc, int flags, int timestamp) throws IOException {
            room(DataFormat.ENTRY_HEADER_BYTES + key.length);
            int at = (int) position();
            DataFormat.putEntry(buffer, key, length, lastEntry, crc, flags, timestamp);
            lastEntry = at;
        }

        void record(IndexRecord record, byte[] key) throws IOException {
            room(IndexFormat.RECORD_HEADER_BYTES + key.length);
            IndexFormat.putRecord(buffer, record);
            buffer.put(key);
        }

        void copy(OpenFile from, long position, int length) throws IOException {
            int copied = 0;
            while (copied < length) {
                room(1);
                int part = Math.min(length - copied, buffer.remaining());
                int end = buffer.position() + part;
                buffer.limit(end);
                from.readFully(buffer, position + copied);
                buffer.limit(buffer.capacity()).position(end);
                copied += part;
            }
        }

        private void room(int bytes) throws IOException {
            if (buffer.remaining() < bytes) {
                flush();
            }
        }

        void flush() throws IOException {
            int bytes = buffer.flip().remaining();
            file.write(flushed, buffer);
            flushed += bytes;
            buffer.clear();
        }
    }
}
