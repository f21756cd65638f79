package org.qsfs.zdb.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.IndexRecord;
import org.qsfs.zdb.log.EntryVisitor;
import org.qsfs.zdb.log.EntryWalker;

/**
 * A namespace whose keys are numbers 0, 1, 2, … given by the server, 8 bytes little endian. Nothing per key is in memory: the
 * number says where the record is.
 *
 * <p>An update appends a copy of the present record, flagged, at the next number's place, and lets the record itself point to
 * the new value. So it uses up a number, and the copies are the history.
 */
final class SequentialStore extends Store {
    private static final int RECORD_BYTES = IndexFormat.SEQUENTIAL_RECORD_BYTES;

    /** Number of the first record of each index file. */
    private volatile long[] firstIds = new long[4];

    SequentialStore(IndexFiles index, DataFiles data, SyncMode syncMode, Statistics statistics) {
        super(index, data, syncMode, statistics);
    }

    static byte[] key(long id) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(id).array();
    }

    private static long id(byte[] key) {
        return ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    @Override
    @Nullable
    Version find(byte[] key) throws IOException {
        StoredRecord r = key.length == 8 ? recordOf(id(key)) : null;
        // the copy that an update leaves at a number's place is flagged, too
        return r == null || r.record().deleted() ? null : version(r);
    }

    private @Nullable StoredRecord recordOf(long id) throws IOException {
        if (id < 0 || id >= nextId()) {
            return null;
        }
        long[] first = firstIds;
        int file = Arrays.binarySearch(first, 0, index.count(), id);
        if (file < 0) {
            file = -file - 2;
        } else {
            // of files without records, the last one has the number
            while (file + 1 < index.count() && first[file + 1] == id) {
                file++;
            }
        }
        return index.read(file, IndexFormat.HEADER_BYTES + (int) (id - first[file]) * RECORD_BYTES);
    }

    @Override
    void record(byte[] key, @Nullable Version old, Entry entry, long ticket) throws IOException {
        if (old == null) {
            index.append(asRecord(entry, 0, 0, 0), key);
            return;
        }
        StoredRecord present = index.read(old.indexFile(), old.indexOffset());
        if (present == null) {
            throw new IOException("the index record of id " + id(key) + " is not there");
        }
        update(present, entry, appendCopy(present), ticket);
    }

    private int appendCopy(StoredRecord present) throws IOException {
        IndexRecord r = present.record();
        return index.append(
                new IndexRecord(
                        r.keyLength(),
                        r.offset(),
                        r.valueLength(),
                        0,
                        r.flags() | IndexFormat.DELETED,
                        r.dataFile(),
                        r.timestamp(),
                        r.crc(),
                        r.parentFile(),
                        r.parentOffset()),
                present.key());
    }

    private void update(StoredRecord present, Entry entry, int copy, long ticket) {
        index.patch(
                present.file(),
                present.offset(),
                asRecord(entry, present.record().previous(), index.active(), copy),
                ticket);
        markDirty(present.file());
    }

    private static IndexRecord asRecord(Entry entry, int previous, int parentFile, int parentOffset) {
        return new IndexRecord(
                8,
                entry.offset(),
                entry.length(),
                previous,
                0,
                entry.dataFile(),
                entry.timestamp(),
                entry.crc(),
                parentFile,
                parentOffset);
    }

    @Override
    void removed(byte[] key, Version old, long ticket) throws IOException {
        StoredRecord r = index.read(old.indexFile(), old.indexOffset());
        if (r != null) {
            flag(r.file(), r.offset(), ticket);
        }
    }

    @Override
    long nextId() {
        int active = index.active();
        return firstIds[active] + records(active);
    }

    private int records(int file) {
        return (index.length(file) - IndexFormat.HEADER_BYTES) / RECORD_BYTES;
    }

    @Override
    Jump jump() throws WriteFailedException {
        long next = nextId();
        int active = index.active();
        if (active + 1 == firstIds.length) {
            firstIds = Arrays.copyOf(firstIds, 2 * firstIds.length);
        }
        firstIds[active + 1] = next;
        return super.jump();
    }

    /** Told before a file is loaded: how many records come before it. */
    private void begin(int file) {
        if (file >= firstIds.length) {
            firstIds = Arrays.copyOf(firstIds, 2 * file);
        }
        firstIds[file] = file == 0 ? 0 : firstIds[file - 1] + records(file - 1);
    }

    @Override
    long indexBytes() {
        return 8L * firstIds.length;
    }

    @Override
    Version version(StoredRecord r) {
        return Version.of(r.file(), r.offset(), r.record().dataFile(), r.record());
    }

    @Override
    boolean isLive(StoredRecord r) {
        return !r.record().deleted();
    }

    @Override
    boolean isBoundary(int file, int offset) {
        return (offset - IndexFormat.HEADER_BYTES) % RECORD_BYTES == 0;
    }

    @Override
    void loadClosed(int file) throws IOException {
        begin(file);
        int records = records(file);
        if (records > 0) {
            index.passed(IndexFormat.HEADER_BYTES + (records - 1) * RECORD_BYTES);
        }
    }

    /**
     * Brings the active index file in line with the active data file: the n-th entry that is no tombstone belongs to the n-th
     * record. An entry with the number of that record is an insert, with another one an update of it.
     */
    @Override
    void replay(long dataEnd) throws IOException {
        int active = index.active();
        begin(active);
        Replay replay = new Replay(active);
        new EntryWalker(active, (dst, at) -> data.readLocal(active, at, dst), dataEnd, false).walk(0, replay::entry);
        undo(replay.end(), dataEnd);
        count(active);
    }

    /** Goes through the entries and the records of the active pair side by side. */
    private final class Replay {
        private final int active;
        /** Of the record that belongs to the next entry. */
        private int place = IndexFormat.HEADER_BYTES;
        /**
         * Entries before, whose keys differ from those of the records at {@link #place} and behind it. Either they have no
         * record, because its append failed and the client was told so; or they have, and one of the two is damaged. What
         * follows tells.
         */
        private int unmatched;

        Replay(int active) {
            this.active = active;
        }

        boolean entry(EntryVisitor.Entry e) throws IOException {
            if (e.tombstone()) {
                StoredRecord r = e.key().length == 8 ? recordOf(id(e.key())) : null;
                if (r != null && !r.record().deleted()) {
                    flag(r.file(), r.offset(), 0);
                }
                return true;
            }
            StoredRecord there = record(place + unmatched * RECORD_BYTES);
            if (there == null || Arrays.equals(there.key(), e.key())) {
                passUnmatched();
            } else {
                StoredRecord first = unmatched == 0 ? null : record(place);
                if (first == null || !Arrays.equals(first.key(), e.key())) {
                    unmatched++;
                    return true;
                }
                unmatched = 0;
                there = first;
            }
            if (e.key().length == 8) {
                apply(e, there);
            }
            return true;
        }

        private @Nullable StoredRecord record(int at) throws IOException {
            return index.read(active, at);
        }

        private void apply(EntryVisitor.Entry e, @Nullable StoredRecord there) throws IOException {
            if (there != null) {
                index.passed(place);
            } else if (place < index.length(active)) {
                index.truncateActive(place);
            }
            long id = firstIds[active] + (place - IndexFormat.HEADER_BYTES) / RECORD_BYTES;
            Entry entry = new Entry(active, e.location().offset(), e.location().length(), e.timestamp(), e.crc());
            if (id(e.key()) == id) {
                if (there == null) {
                    index.append(asRecord(entry, 0, 0, 0), e.key());
                }
            } else {
                StoredRecord present = recordOf(id(e.key()));
                if (present == null) {
                    return;
                }
                if (there == null) {
                    appendCopy(present);
                }
                // also when it looks done: the write of a record in place may have been torn
                update(present, entry, place, 0);
            }
            place += RECORD_BYTES;
        }

        /** The unmatched entries are damaged, or their records are. These stay: reading through them gives an error. */
        private void passUnmatched() {
            if (unmatched > 0) {
                place += unmatched * RECORD_BYTES;
                index.passed(place - RECORD_BYTES);
                unmatched = 0;
            }
        }

        /** Behind the last record that has an entry. */
        int end() {
            unmatched = Math.min(unmatched, (index.length(active) - place) / RECORD_BYTES);
            passUnmatched();
            return place;
        }
    }

    /** Cuts off records that have no entry, newest first; an update that lost its value is taken back from its copy. */
    private void undo(int end, long dataEnd) throws IOException {
        int active = index.active();
        int whole = IndexFormat.HEADER_BYTES + records(active) * RECORD_BYTES;
        for (int place = whole - RECORD_BYTES; place >= end; place -= RECORD_BYTES) {
            StoredRecord copy = index.read(active, place);
            long own = firstIds[active] + (place - IndexFormat.HEADER_BYTES) / RECORD_BYTES;
            StoredRecord present =
                    copy == null || copy.key().length != 8 || id(copy.key()) == own ? null : recordOf(id(copy.key()));
            if (copy != null
                    && present != null
                    && present.record().dataFile() == active
                    && Integer.toUnsignedLong(present.record().offset()) >= dataEnd) {
                IndexRecord r = copy.record();
                index.patch(
                        present.file(),
                        present.offset(),
                        new IndexRecord(
                                8,
                                r.offset(),
                                r.valueLength(),
                                present.record().previous(),
                                0,
                                r.dataFile(),
                                r.timestamp(),
                                r.crc(),
                                r.parentFile(),
                                r.parentOffset()),
                        0);
            }
        }
        if (end < index.length(active)) {
            index.truncateActive(end);
        }
    }

    private void count(int active) throws IOException {
        for (int file = 0; file <= active; file++) {
            IndexWalker walker = new IndexWalker(index, file, IndexFormat.HEADER_BYTES);
            for (StoredRecord r = walker.next(); r != null; r = walker.next()) {
                if (!r.record().deleted()) {
                    entries.incrementAndGet();
                    dataBytes.addAndGet(Integer.toUnsignedLong(r.record().valueLength()));
                }
            }
        }
    }
}
