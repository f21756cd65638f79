package org.qsfs.zdb.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.Mode;

/** Walks the live records of a store in the order of the index files, or against it, page by page. */
final class Scanner {
    /** A page ends after this time or this many entries, but not before its first entry. */
    private static final long PAGE_NANOS = 2_000_000;

    private static final int PAGE_ENTRIES = 1000;

    private final Store store;
    private final IndexFiles index;
    /** Offsets of the records of one file before a place, found by walking it: only where the link to the record before is wrong. */
    private int[] offsets = new int[0];

    private int offsetsFile = -1;

    Scanner(Store store) {
        this.store = store;
        this.index = store.index();
    }

    /** Whether a cursor is one of ours: its record is there and, in user mode, still describes the same value. */
    boolean isValid(Cursor cursor) throws IOException {
        StoredRecord r = index.read(cursor.file(), cursor.offset());
        if (r == null) {
            return false;
        }
        if (store.mode() == Mode.SEQUENTIAL) {
            return store.isBoundary(cursor.file(), cursor.offset());
        }
        boolean sameValue =
                r.record().valueLength() == cursor.length() && r.record().crc() == cursor.crc();
        // the value of a key that was replaced since may have been dropped by a compaction
        boolean dropped = r.record().deleted() && r.record().keyLength() == cursor.keyLength();
        return sameValue || (dropped && store.isBoundary(cursor.file(), cursor.offset()));
    }

    /** The page behind a cursor, or the first; null at the end. */
    @Nullable
    ScanPage forward(@Nullable Cursor from) throws IOException {
        Page page = new Page();
        int start = IndexFormat.HEADER_BYTES;
        int file = 0;
        if (from != null) {
            StoredRecord r = index.read(from.file(), from.offset());
            file = from.file();
            start = r == null ? index.length(file) : r.end();
        }
        for (; file < index.count() && !page.isFull(); file++) {
            IndexWalker walker = new IndexWalker(index, file, start);
            StoredRecord r = walker.next();
            while (r != null && !page.isFull()) {
                page.add(r);
                r = page.isFull() ? null : walker.next();
            }
            start = IndexFormat.HEADER_BYTES;
        }
        return page.end();
    }

    /** The page before a cursor, or the last; null at the beginning. */
    @Nullable
    ScanPage backward(@Nullable Cursor from) throws IOException {
        Page page = new Page();
        StoredRecord r = from == null ? lastUpTo(index.active()) : before(from.file(), from.offset());
        while (r != null) {
            page.add(r);
            r = page.isFull() ? null : before(r.file(), r.offset());
        }
        return page.end();
    }

    private @Nullable StoredRecord before(int file, int offset) throws IOException {
        if (offset <= IndexFormat.HEADER_BYTES) {
            return lastUpTo(file - 1);
        }
        if (store.mode() == Mode.SEQUENTIAL) {
            return index.read(file, offset - IndexFormat.SEQUENTIAL_RECORD_BYTES);
        }
        StoredRecord r = index.read(file, offset);
        StoredRecord linked = r == null ? null : linked(file, r.record().previous(), offset);
        return linked != null ? linked : walkedBefore(file, offset);
    }

    /** The last record of the last file that has one, up to this file. */
    private @Nullable StoredRecord lastUpTo(int file) throws IOException {
        for (int n = file; n >= 0; n--) {
            int length = index.length(n);
            if (length > IndexFormat.HEADER_BYTES) {
                if (store.mode() == Mode.SEQUENTIAL) {
                    int records = (length - IndexFormat.HEADER_BYTES) / IndexFormat.SEQUENTIAL_RECORD_BYTES;
                    return index.read(
                            n, IndexFormat.HEADER_BYTES + (records - 1) * IndexFormat.SEQUENTIAL_RECORD_BYTES);
                }
                StoredRecord linked = linked(n, previousOfNext(n), length);
                return linked != null ? linked : walkedBefore(n, length);
            }
        }
        return null;
    }

    /** What the first record behind a file says of the last record in it. */
    private int previousOfNext(int file) throws IOException {
        for (int n = file + 1; n < index.count(); n++) {
            StoredRecord first = index.read(n, IndexFormat.HEADER_BYTES);
            if (first != null) {
                return first.record().previous();
            }
        }
        return index.lastRecord();
    }

    /** The record at an offset if it ends where it should. */
    private @Nullable StoredRecord linked(int file, int offset, int end) throws IOException {
        StoredRecord r = offset < end ? index.read(file, offset) : null;
        return r != null && r.end() == end ? r : null;
    }

    private @Nullable StoredRecord walkedBefore(int file, int offset) throws IOException {
        if (offsetsFile != file) {
            offsetsFile = file;
            int count = 0;
            int[] found = new int[64];
            IndexWalker walker = new IndexWalker(index, file, IndexFormat.HEADER_BYTES);
            for (StoredRecord r = walker.next(); r != null && r.offset() < offset; r = walker.next()) {
                if (count == found.length) {
                    found = Arrays.copyOf(found, 2 * count);
                }
                found[count++] = r.offset();
            }
            offsets = Arrays.copyOf(found, count);
        }
        int at = Arrays.binarySearch(offsets, offset);
        int before = (at >= 0 ? at : -at - 1) - 1;
        return before < 0 ? lastUpTo(file - 1) : index.read(file, offsets[before]);
    }

    private final class Page {
        private final List<ScanPage.Entry> entries = new ArrayList<>();
        private final long until = System.nanoTime() + PAGE_NANOS;
        private @Nullable StoredRecord last;

        void add(StoredRecord r) {
            if (store.isLive(r)) {
                entries.add(new ScanPage.Entry(
                        r.key(), r.record().valueLength(), r.record().timestamp()));
                last = r;
            }
        }

        boolean isFull() {
            return entries.size() >= PAGE_ENTRIES || (!entries.isEmpty() && System.nanoTime() > until);
        }

        @Nullable
        ScanPage end() {
            StoredRecord r = last;
            return r == null ? null : new ScanPage(entries, Cursor.of(r));
        }
    }
}
