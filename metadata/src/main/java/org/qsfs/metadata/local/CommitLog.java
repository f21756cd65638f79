package org.qsfs.metadata.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.Mutation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of a local catalog: a {@link LogFile}, and in memory the keys and where their values lie in it.
 *
 * <p>A commit is one record, appended and fsynced. Damage that reaches from some record to the end of the file, with no whole
 * record in it, is an append that a crash interrupted: it was never acknowledged and is cut off. Damage with a whole record
 * behind it is corruption and is reported, with the offset.
 *
 * <p>When more than half of a large file is dead, the live entries are written to a new file that replaces it by rename.
 *
 * <p>Not thread-safe. Whatever changes something is called only with the directory's lock.
 */
final class CommitLog implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CommitLog.class);

    private static final int COMPACTION_BATCH_BYTES = 256 * 1024;

    private final NavigableMap<String, LogRecord.Slot> index = new TreeMap<>();
    private LogFile file;
    private long compactFrom;
    private long end;
    private long revision;
    private long liveBytes;
    private @Nullable String broken;

    private CommitLog(LogFile file, long compactFrom) {
        this.file = file;
        this.compactFrom = compactFrom;
    }

    /**
     * Opens the log, creating an empty one when there is none.
     *
     * @param compactFrom file size in bytes from which compaction is considered
     * @throws CatalogException.Corrupt when the file is damaged other than by a torn append
     */
    static CommitLog open(Path path, long compactFrom) throws IOException {
        if (!Files.exists(path)) {
            LogFile.replace(path, Collections.emptyIterator());
        }
        CommitLog opened = new CommitLog(LogFile.open(path), compactFrom);
        boolean done = false;
        try {
            opened.load();
            done = true;
            return opened;
        } finally {
            if (!done) {
                opened.close();
            }
        }
    }

    /** Of the last commit. */
    long revision() {
        return revision;
    }

    /** Of the commit that wrote a key last; 0 when there is no such key. */
    long revisionOf(String key) {
        LogRecord.Slot slot = index.get(key);
        return slot == null ? 0 : slot.revision();
    }

    Optional<CatalogEntry> read(String key) throws IOException {
        LogRecord.Slot slot = index.get(key);
        return slot == null ? Optional.empty() : Optional.of(read(key, slot));
    }

    /** Up to {@code limit} entries from a key on, as long as they begin with {@code prefix}. */
    List<CatalogEntry> page(String from, boolean inclusive, String prefix, int limit) throws IOException {
        List<CatalogEntry> page = new ArrayList<>();
        for (Map.Entry<String, LogRecord.Slot> entry :
                index.tailMap(from, inclusive).entrySet()) {
            if (!entry.getKey().startsWith(prefix) || page.size() == limit) {
                break;
            }
            page.add(read(entry.getKey(), entry.getValue()));
        }
        return page;
    }

    private CatalogEntry read(String key, LogRecord.Slot slot) throws IOException {
        ByteBuffer bytes = file.read(slot.offset(), slot.length());
        if (LogRecord.crc(bytes.duplicate()) != slot.crc()) {
            throw file.corrupt(slot.offset(), "the value of " + key + " does not match its checksum");
        }
        byte[] value = new byte[slot.length()];
        bytes.get(value);
        return new CatalogEntry(key, value, slot.revision());
    }

    /** Whether another process has appended or compacted since we last looked. */
    boolean isStale() throws IOException {
        return file.size() != end || file.isReplaced();
    }

    /** Takes in what other processes have written. */
    void refresh() throws IOException {
        if (file.isReplaced()) {
            LogFile current = LogFile.open(file.path());
            file.close();
            file = current;
            load();
        } else if (file.size() != end) {
            loadFrom(end);
        }
    }

    /** @throws CatalogException.Failed when an earlier write failed in a way that leaves the file's state unknown */
    void checkWritable() {
        if (broken != null) {
            throw new CatalogException.Failed(
                    file.path() + ": writing failed before (" + broken
                            + "), so nothing more is written; check the disk and restart",
                    null);
        }
    }

    /** Carries out mutations as one commit and returns its revision when it is on disk. */
    long append(List<Mutation> mutations) throws IOException {
        long next = revision + 1;
        List<LogRecord.Change> changes = new ArrayList<>();
        for (Mutation mutation : mutations) {
            switch (mutation) {
                case Mutation.Put put -> changes.add(new LogRecord.Put(put.key(), next, put.value()));
                case Mutation.Delete delete -> changes.add(new LogRecord.Delete(delete.key(), next));
            }
        }
        append(new LogRecord(next, changes));
        return next;
    }

    private void append(LogRecord commit) throws IOException {
        checkWritable();
        ByteBuffer bytes = commit.toBytes();
        try {
            file.write(bytes.duplicate(), end);
        } catch (IOException e) {
            cutBack(e);
            throw e;
        }
        try {
            file.sync();
        } catch (IOException e) {
            broken = "fsync: " + e.getMessage(); // what a failed fsync dropped cannot be known; no retry
            throw e;
        }
        apply(bytes.duplicate().position(LogRecord.HEADER_BYTES).slice(), end + LogRecord.HEADER_BYTES);
        end += bytes.remaining();
        if (end >= compactFrom && end > 2 * liveBytes) {
            compact();
        }
    }

    /** The commit before it is done, so a failure is no failure of the commit. */
    private void compact() {
        long before = end;
        try {
            LogFile.replace(file.path(), new LiveRecords());
            refresh();
            log.info("{}: compacted {} to {} bytes", file.path(), before, end);
        } catch (IOException | UncheckedIOException | CatalogException e) {
            compactFrom = 2 * before;
            log.warn("{}: cannot compact {} bytes: {}", file.path(), before, e.toString());
        }
    }

    private void cutBack(IOException cause) {
        try {
            file.truncate(end);
        } catch (IOException e) {
            broken = cause.getMessage() + ", then " + e.getMessage();
            cause.addSuppressed(e);
        }
    }

    private void load() throws IOException {
        index.clear();
        revision = 0;
        liveBytes = LogFile.HEADER_BYTES;
        loadFrom(LogFile.HEADER_BYTES);
    }

    private void loadFrom(long from) throws IOException {
        end = from;
        long size = file.size();
        while (end < size) {
            ByteBuffer body = file.recordAt(end, size);
            if (body == null) {
                dropTail(size);
                return;
            }
            if (body.getLong(0) < revision) {
                throw file.corrupt(
                        end, "a record of revision " + body.getLong(0) + " follows one of revision " + revision);
            }
            try {
                apply(body, end + LogRecord.HEADER_BYTES);
            } catch (BufferUnderflowException e) {
                throw file.corrupt(end, "a record with a right checksum makes no sense");
            }
            end += LogRecord.HEADER_BYTES + body.limit();
        }
    }

    private void dropTail(long size) throws IOException {
        long whole = file.nextRecord(end + 1, size);
        if (whole >= 0) {
            throw file.corrupt(end, "a record is damaged, but another one follows at offset " + whole);
        }
        log.warn(
                "{}: cutting off {} bytes at offset {}: a commit that a crash interrupted",
                file.path(),
                size - end,
                end);
        file.truncate(end);
        file.sync();
    }

    private void apply(ByteBuffer body, long offset) {
        for (LogRecord.Found change : LogRecord.changes(body, offset)) {
            LogRecord.Slot slot = change.slot();
            LogRecord.Slot old = slot == null ? index.remove(change.key()) : index.put(change.key(), slot);
            liveBytes += size(change.key(), slot) - size(change.key(), old);
        }
        revision = Math.max(revision, body.getLong(0));
    }

    private static long size(String key, LogRecord.@Nullable Slot slot) {
        return slot == null ? 0 : (long) LogRecord.PUT_BYTES + key.length() + slot.length();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** The live entries as records; at least one, for the revision. Values are read when their turn comes. */
    private final class LiveRecords implements Iterator<LogRecord> {

        private final Iterator<Map.Entry<String, LogRecord.Slot>> rest =
                index.entrySet().iterator();
        private boolean first = true;

        @Override
        public boolean hasNext() {
            return first || rest.hasNext();
        }

        @Override
        public LogRecord next() {
            first = false;
            List<LogRecord.Change> changes = new ArrayList<>();
            long bytes = 0;
            while (rest.hasNext()
                    && bytes < COMPACTION_BATCH_BYTES
                    && changes.size() < CatalogTransaction.MAX_OPERATIONS) {
                Map.Entry<String, LogRecord.Slot> entry = rest.next();
                try {
                    CatalogEntry live = read(entry.getKey(), entry.getValue());
                    changes.add(new LogRecord.Put(live.key(), live.revision(), live.value()));
                    bytes += live.value().length;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return new LogRecord(revision, changes);
        }
    }
}
