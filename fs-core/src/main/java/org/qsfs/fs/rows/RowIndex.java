package org.qsfs.fs.rows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;

/**
 * The applied rows in an MVStore file, and the mark of the last applied transaction.
 *
 * <p>Rows and mark get to the file only by {@link #commit}, together. Everything MVStore throws is taken as damage: it has no other way to say that a page is
 * broken. After that the index is good for {@link #drop} only.
 *
 * <p>Threading: any thread reads; one thread at a time applies, commits and pins.
 */
final class RowIndex {
    private static final int FILL_PERCENT = 60;
    private static final int COMPACTION_BYTES = 8 << 20;
    private static final byte[] MARK = {'m'};
    private static final byte[] CEILING = {'c'};

    private final Path file;
    private final MVStore store;
    private final MVMap<byte[], byte[]> rows;
    private final MVMap<byte[], byte[]> marks;

    private RowIndex(Path file, MVStore store) {
        this.file = file;
        this.store = store;
        this.rows = map(store, "rows");
        this.marks = map(store, "marks");
    }

    private static MVMap<byte[], byte[]> map(MVStore store, String name) {
        return store.openMap(
                name,
                new MVMap.Builder<byte[], byte[]>().keyType(new RowKeyType()).valueType(new RowValueType()));
    }

    /** Opens the file or creates it. */
    static RowIndex open(Path file, int cacheMegabytes) throws IndexDamagedException {
        return guarded("open", () -> {
            MVStore store = new MVStore.Builder()
                    .fileName(file.toString())
                    .autoCommitDisabled()
                    .autoCommitBufferSize(0)
                    .cacheSize(cacheMegabytes)
                    .open();
            // the system may write pages in any order, but an index from before a crash of the system is not used
            store.setRetentionTime(0);
            try {
                return new RowIndex(file, store);
            } catch (RuntimeException | AssertionError e) {
                store.closeImmediately();
                throw e;
            }
        });
    }

    byte @Nullable [] get(byte[] key) throws IndexDamagedException {
        byte[] sealed = guarded("read", () -> rows.get(key));
        return sealed == null ? null : RowChecksum.open(key, sealed);
    }

    /** The first {@code limit} rows with {@code from <= key < toExclusive}. */
    List<Row> range(byte[] from, byte[] toExclusive, int limit) throws IndexDamagedException {
        return range(rows, from, toExclusive, limit);
    }

    private static List<Row> range(MVMap<byte[], byte[]> rows, byte[] from, byte @Nullable [] toExclusive, int limit)
            throws IndexDamagedException {
        List<Row> sealed = guarded("scan", () -> {
            List<Row> found = new ArrayList<>();
            Cursor<byte[], byte[]> cursor = rows.cursor(from);
            while (found.size() < limit && cursor.hasNext()) {
                byte[] key = cursor.next();
                if (toExclusive != null && Arrays.compareUnsigned(key, toExclusive) >= 0) {
                    break;
                }
                found.add(new Row(key, cursor.getValue()));
            }
            return found;
        });
        for (int i = 0; i < sealed.size(); i++) {
            Row row = sealed.get(i);
            byte[] value = row.value();
            if (value == null) {
                throw new IndexDamagedException("the index has a row without value");
            }
            sealed.set(i, new Row(row.key(), RowChecksum.open(row.key(), value)));
        }
        return sealed;
    }

    /** The mark of the last applied transaction, or null when nothing was applied yet. */
    byte @Nullable [] mark() throws IndexDamagedException {
        return readMark(MARK);
    }

    /** The mark of the last transaction of which something may have been applied, or null. */
    byte @Nullable [] ceiling() throws IndexDamagedException {
        return readMark(CEILING);
    }

    private byte @Nullable [] readMark(byte[] key) throws IndexDamagedException {
        byte[] sealed = guarded("read", () -> marks.get(key));
        return sealed == null ? null : RowChecksum.open(key, sealed);
    }

    /** Changes rows in memory, until {@link #commit}. */
    void apply(List<Row> changes) throws IndexDamagedException {
        guarded("write", () -> {
            for (Row row : changes) {
                byte[] value = row.value();
                if (value == null) {
                    rows.remove(row.key());
                } else {
                    rows.put(row.key(), RowChecksum.seal(row.key(), value));
                }
            }
            return rows;
        });
    }

    /** Everything up to this transaction is applied; in memory, until {@link #commit}. */
    void mark(byte[] mark) throws IndexDamagedException {
        guarded("write", () -> {
            marks.put(MARK, RowChecksum.seal(MARK, mark));
            return marks.put(CEILING, RowChecksum.seal(CEILING, mark));
        });
    }

    /** Something up to this transaction may be applied; in memory, until {@link #commit}. */
    void ceiling(byte[] mark) throws IndexDamagedException {
        guarded("write", () -> marks.put(CEILING, RowChecksum.seal(CEILING, mark)));
    }

    /** Bytes of pages that are not in the file yet, about. */
    long unsavedBytes() {
        return store.getUnsavedMemory();
    }

    /** Writes rows and mark to the file; not synced. */
    void commit() throws IndexDamagedException {
        guarded("commit", () -> {
            store.commit();
            return store.compact(FILL_PERCENT, COMPACTION_BYTES);
        });
    }

    /** Number of rows. */
    long size() throws IndexDamagedException {
        return guarded("count", rows::sizeAsLong);
    }

    /** Commits and keeps the rows readable as they are now, whatever is applied later. */
    Pin pin() throws IndexDamagedException {
        return guarded("pin", () -> {
            MVStore.TxCounter usage = store.registerVersionUsage();
            long version = store.getCurrentVersion();
            store.commit();
            return new Pin(rows.openVersion(version), usage);
        });
    }

    /** A version of the rows. */
    final class Pin implements AutoCloseable {
        private final MVMap<byte[], byte[]> version;
        private final MVStore.TxCounter usage;

        private Pin(MVMap<byte[], byte[]> version, MVStore.TxCounter usage) {
            this.version = version;
            this.usage = usage;
        }

        /** The first {@code limit} rows with keys not below {@code from}. */
        List<Row> rows(byte[] from, int limit) throws IndexDamagedException {
            return range(version, from, null, limit);
        }

        long size() throws IndexDamagedException {
            return guarded("count", version::sizeAsLong);
        }

        @Override
        public void close() {
            if (!store.isClosed()) {
                store.deregisterVersionUsage(usage);
            }
        }
    }

    /** Makes everything committed durable and closes the file. */
    void close() throws IndexDamagedException {
        guarded("close", () -> {
            store.commit();
            store.sync();
            store.close();
            return file;
        });
    }

    /** Closes the file without writing anything. */
    void abandon() {
        try {
            store.closeImmediately();
        } catch (RuntimeException | AssertionError e) {
            // closing is all we want; what is in the file does not matter any more
            if (!store.isClosed()) {
                throw e;
            }
        }
    }

    /** Closes and deletes the file. */
    void drop() throws IOException {
        abandon();
        Files.deleteIfExists(file);
    }

    private static <T extends @Nullable Object> T guarded(String action, Supplier<T> work)
            throws IndexDamagedException {
        try {
            return work.get();
        } catch (RuntimeException | AssertionError | StackOverflowError e) {
            throw new IndexDamagedException("could not " + action + " the index: " + e, e);
        }
    }
}
