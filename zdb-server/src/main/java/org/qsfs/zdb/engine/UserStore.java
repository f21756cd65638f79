package org.qsfs.zdb.engine;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.IndexRecord;
import org.qsfs.zdb.log.EntryVisitor;
import org.qsfs.zdb.log.EntryWalker;

/** A namespace whose clients choose the keys. All of them are in memory ({@link KeyTable}). */
final class UserStore extends Store {
    private final KeyTable keys = new KeyTable();
    private long inserted;

    UserStore(IndexFiles index, DataFiles data, SyncMode syncMode, Statistics statistics) {
        super(index, data, syncMode, statistics);
    }

    @Override
    @Nullable
    Version find(byte[] key) {
        return keys.find(key);
    }

    @Override
    void record(byte[] key, @Nullable Version old, Entry entry, long ticket) throws IOException {
        keys.reserve(key.length);
        int at = index.append(
                new IndexRecord(
                        key.length,
                        entry.offset(),
                        entry.length(),
                        0,
                        0,
                        entry.dataFile(),
                        entry.timestamp(),
                        entry.crc(),
                        old == null ? 0 : old.indexFile(),
                        old == null ? 0 : old.indexOffset()),
                key);
        if (old != null) {
            flag(old.indexFile(), old.indexOffset(), ticket);
        }
        inserted++;
        keys.put(
                key,
                new Version(
                        entry.dataFile(),
                        at,
                        entry.dataFile(),
                        entry.offset(),
                        entry.length(),
                        entry.timestamp(),
                        entry.crc()));
    }

    @Override
    void removed(byte[] key, Version old, long ticket) throws IOException {
        flag(old.indexFile(), old.indexOffset(), ticket);
        keys.remove(key);
    }

    /** A record says that its entry is elsewhere now. The store's lock is held to write. */
    void moved(StoredRecord r) {
        Version v = keys.find(r.key());
        if (v != null && v.indexFile() == r.file() && v.indexOffset() == r.offset()) {
            keys.put(r.key(), version(r));
        }
    }

    @Override
    long nextId() {
        return inserted;
    }

    @Override
    long indexBytes() {
        return keys.memoryBytes();
    }

    @Override
    Version version(StoredRecord r) {
        // 0-db writes 0 as data file of an insert: the data of a record in iN is always in dN
        return Version.of(r.file(), r.offset(), r.file(), r.record());
    }

    /** The keys in memory know better than the flag: a log of segments has records that were replaced and not flagged. */
    @Override
    boolean isLive(StoredRecord r) {
        if (r.record().deleted()) {
            return false;
        }
        lock().readLock().lock();
        try {
            Version live = keys.find(r.key());
            return live != null && live.indexFile() == r.file() && live.indexOffset() == r.offset();
        } finally {
            lock().readLock().unlock();
        }
    }

    @Override
    boolean isBoundary(int file, int offset) throws IOException {
        IndexWalker walker = new IndexWalker(index, file, IndexFormat.HEADER_BYTES);
        while (walker.position() < offset) {
            if (walker.next() == null) {
                return false;
            }
        }
        return walker.position() == offset;
    }

    @Override
    void loadClosed(int file) throws IOException {
        IndexWalker walker = new IndexWalker(index, file, IndexFormat.HEADER_BYTES);
        for (StoredRecord r = walker.next(); r != null; r = walker.next()) {
            index.passed(r.offset());
            if (r.record().deleted()) {
                forget(r.key());
            } else {
                remember(r);
            }
        }
    }

    /**
     * Brings the active index file and the keys in line with the active data file.
     *
     * <p>The records of {@code iN} stand in the order of the entries of {@code dN} that are no tombstones, and have their offsets. What
     * the entries say holds: a record that is missing at the end is appended, one without an entry is cut off and the
     * version before it lives again.
     */
    @Override
    void replay(long dataEnd) throws IOException {
        int active = index.active();
        Records records = new Records(new IndexWalker(index, active, IndexFormat.HEADER_BYTES));
        new EntryWalker(active, (dst, at) -> data.readLocal(active, at, dst), dataEnd, false)
                .walk(0, entry -> replay(entry, records));
        undo(records);
    }

    /** The records of the active file, one ahead. */
    private final class Records {
        private final IndexWalker walker;
        private @Nullable StoredRecord next;
        private int end = IndexFormat.HEADER_BYTES;

        Records(IndexWalker walker) throws IOException {
            this.walker = walker;
            this.next = walker.next();
        }

        void advance() throws IOException {
            StoredRecord taken = next;
            if (taken != null) {
                index.passed(taken.offset());
                end = taken.end();
                next = walker.next();
            }
        }
    }

    private boolean replay(EntryVisitor.Entry entry, Records records) throws IOException {
        byte[] key = entry.key();
        Version old = keys.find(key);
        if (entry.tombstone()) {
            if (old != null) {
                flagUnlessDone(old);
                forget(key);
            }
            return true;
        }
        int offset = entry.location().offset();
        StoredRecord next = records.next;
        while (next != null && Integer.compareUnsigned(next.record().offset(), offset) < 0) {
            // a record without an entry; 0-db does not write such
            records.advance();
            next = records.next;
        }
        // its value was dropped by a compaction: the key had another one by then, or was gone
        boolean dropped = (entry.flags() & DataFormat.TRUNCATED) != 0;
        if (next != null) {
            if (next.record().offset() == offset) {
                if (!dropped) {
                    // with another key, one of the two is damaged: reading the record's then gives an error
                    if (old != null && Arrays.equals(next.key(), key)) {
                        flagUnlessDone(old);
                    }
                    remember(next);
                }
                records.advance();
            }
            // else: an entry whose index append failed, and the client was told so
            return true;
        }
        if (records.end < index.length(index.active())) {
            index.truncateActive(records.end);
        }
        if (dropped) {
            index.append(
                    new IndexRecord(
                            key.length, offset, 0, 0, IndexFormat.DELETED, index.active(), entry.timestamp(), 0, 0, 0),
                    key);
            records.end = index.length(index.active());
            return true;
        }
        Entry found = new Entry(index.active(), offset, entry.location().length(), entry.timestamp(), entry.crc());
        record(key, old, found, 0);
        records.end = index.length(index.active());
        count(old, found.length());
        return true;
    }

    /** Cuts off records that have no entry, newest first, and lets the versions before them live again. */
    private void undo(Records records) throws IOException {
        int from = records.end;
        for (StoredRecord r = records.next; r != null; r = records.walker.next()) {
            int parentFile = r.record().parentFile();
            int parentOffset = r.record().parentOffset();
            // a version before that is cut off itself has one before, too
            boolean cut = parentFile == r.file() && parentOffset >= from;
            StoredRecord parent = parentOffset == 0 || cut ? null : index.read(parentFile, parentOffset);
            if (parent != null && Arrays.equals(parent.key(), r.key()) && keys.find(r.key()) == null) {
                revive(parent);
            }
        }
        if (from < index.length(index.active())) {
            index.truncateActive(from);
        }
        reviveFlagged(from);
    }

    /** A record that the entries call alive but that is flagged: 0-db flagged it and then did not get to write its successor. */
    private void reviveFlagged(int end) throws IOException {
        IndexWalker walker = new IndexWalker(index, index.active(), IndexFormat.HEADER_BYTES);
        for (StoredRecord r = walker.next(); r != null && r.offset() < end; r = walker.next()) {
            Version live = keys.find(r.key());
            if (r.record().deleted()
                    && live != null
                    && live.indexFile() == r.file()
                    && live.indexOffset() == r.offset()) {
                unflag(r);
            }
        }
    }

    private void revive(StoredRecord r) throws IOException {
        unflag(r);
        remember(r);
    }

    private void unflag(StoredRecord r) {
        IndexRecord old = r.record();
        index.patch(
                r.file(),
                r.offset(),
                new IndexRecord(
                        old.keyLength(),
                        old.offset(),
                        old.valueLength(),
                        old.previous(),
                        old.flags() & ~IndexFormat.DELETED,
                        old.dataFile(),
                        old.timestamp(),
                        old.crc(),
                        old.parentFile(),
                        old.parentOffset()),
                0);
    }

    private void flagUnlessDone(Version old) throws IOException {
        StoredRecord r = index.read(old.indexFile(), old.indexOffset());
        if (r != null && !r.record().deleted()) {
            flag(r.file(), r.offset(), 0);
        }
    }

    private void remember(StoredRecord r) throws IOException {
        keys.reserve(r.key().length);
        Version old = keys.find(r.key());
        keys.put(r.key(), version(r));
        inserted++;
        count(old, r.record().valueLength());
    }

    private void forget(byte[] key) {
        Version old = keys.find(key);
        if (old != null) {
            keys.remove(key);
            entries.decrementAndGet();
            dataBytes.addAndGet(-Integer.toUnsignedLong(old.length()));
        }
    }

    private void count(@Nullable Version old, int length) {
        entries.addAndGet(old == null ? 1 : 0);
        dataBytes.addAndGet(Integer.toUnsignedLong(length) - (old == null ? 0 : Integer.toUnsignedLong(old.length())));
    }
}
