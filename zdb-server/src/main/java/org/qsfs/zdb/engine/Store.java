package org.qsfs.zdb.engine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.qsfs.zdb.log.DataFile;
import org.qsfs.zdb.log.GroupCommit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one namespace, from loading to closing, and what is known of its keys.
 *
 * <p>A write appends an entry to the data file, then a record to the index, which may reach its file later, then changes what is in memory. It is durable
 * when the data file is. {@link #lock()} is held to write around every change, to read around {@link #find}.
 */
public abstract sealed class Store implements Closeable permits UserStore, SequentialStore {
    private static final Logger LOG = LoggerFactory.getLogger(Store.class);

    /** Changes in place that may wait for an fsync before one is made for their sake. */
    private static final int MOST_WAITING_PATCHES = 32 << 10;

    private static final int COMPARE_BYTES = 64 << 10;

    protected final IndexFiles index;
    protected final DataFiles data;
    private final SyncMode syncMode;
    private final Statistics statistics;
    /** Stands for this store in a {@link ValueIdentity}, which must not keep the store itself from being garbage. */
    private final Object token = new Object();

    final Statistics.Errors indexErrors = new Statistics.Errors();
    final Statistics.Errors dataErrors = new Statistics.Errors();

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final GroupCommit commit = new GroupCommit(0, this::flush);
    private final DirtyFiles dirty;
    /** Behind the last entry that is complete with its index record. */
    private volatile long end;

    private volatile @Nullable IOException failure;
    private boolean closed;

    protected final AtomicLong entries = new AtomicLong();
    protected final AtomicLong dataBytes = new AtomicLong();
    private volatile boolean appendedSinceJump;
    private volatile long openedNanos = System.nanoTime();

    Store(IndexFiles index, DataFiles data, SyncMode syncMode, Statistics statistics) {
        this.index = index;
        this.data = data;
        this.syncMode = syncMode;
        this.statistics = statistics;
        this.dirty = new DirtyFiles(index.files(), index.directory());
    }

    /** The present version of a key, or null. */
    abstract @Nullable Version find(byte[] key) throws IOException;

    /** Adds the index record for an entry just appended; {@code ticket} is the position behind it. On failure nothing is changed. */
    abstract void record(byte[] key, @Nullable Version old, Entry entry, long ticket) throws IOException;

    /** Takes a key away, whose tombstone was just appended. */
    abstract void removed(byte[] key, Version old, long ticket) throws IOException;

    /** Key of the next insert, when the server chooses it. */
    abstract long nextId();

    /** Memory or size of what is known of the keys, as NSINFO reports it. */
    abstract long indexBytes();

    /** The place of a version's value, from its index record. */
    abstract Version version(StoredRecord record);

    /** Whether a record is the present version of its key. */
    abstract boolean isLive(StoredRecord record);

    /** Whether a record can begin at this offset. */
    abstract boolean isBoundary(int file, int offset) throws IOException;

    abstract void loadClosed(int file) throws IOException;

    abstract void replay(long dataEnd) throws IOException;

    /** An entry in the active data file. */
    record Entry(int dataFile, int offset, int length, int timestamp, int crc) {}

    ReadWriteLock lock() {
        return lock;
    }

    Mode mode() {
        return index.mode();
    }

    int activeNumber() {
        return index.active();
    }

    IndexFiles index() {
        return index;
    }

    DataFiles data() {
        return data;
    }

    ValueIdentity identity(Version version) {
        return new ValueIdentity(token, version);
    }

    /** Whether no record was ever made. */
    boolean isFresh() {
        return index.active() == 0 && index.length(0) == IndexFormat.HEADER_BYTES;
    }

    /** Appends a new version of a key. The store's lock is held to write. */
    Commit write(byte[] key, @Nullable Version old, int timestamp, int crc, ByteBuffer... value)
            throws WriteFailedException {
        checkUsable();
        DataFile file = data.active();
        long lengthBefore = file.length();
        int lastBefore = file.lastEntry();
        int length = length(value);
        Entry entry =
                new Entry(file.number(), appendEntry(file, key, 0, timestamp, crc, value), length, timestamp, crc);
        long ticket = ticket(file);
        try {
            record(key, old, entry, ticket);
        } catch (IOException e) {
            throw indexFailed(file, lengthBefore, lastBefore, e);
        }
        entries.addAndGet(old == null ? 1 : 0);
        dataBytes.addAndGet(length - (old == null ? 0 : Integer.toUnsignedLong(old.length())));
        appendedSinceJump = true;
        return written(ticket);
    }

    /** Appends a tombstone. The store's lock is held to write. */
    Commit delete(byte[] key, Version old, int timestamp) throws WriteFailedException {
        checkUsable();
        DataFile file = data.active();
        long lengthBefore = file.length();
        int lastBefore = file.lastEntry();
        appendEntry(file, key, DataFormat.DELETED, timestamp, 0);
        long ticket = ticket(file);
        try {
            removed(key, old, ticket);
        } catch (IOException e) {
            throw indexFailed(file, lengthBefore, lastBefore, e);
        }
        entries.decrementAndGet();
        dataBytes.addAndGet(-Integer.toUnsignedLong(old.length()));
        return written(ticket);
    }

    private int appendEntry(DataFile file, byte[] key, int flags, int timestamp, int crc, ByteBuffer... value)
            throws WriteFailedException {
        int length = length(value);
        try {
            int offset = file.append(key, flags, timestamp, crc, length, value);
            statistics.data.writtenBytes.add(DataFormat.ENTRY_HEADER_BYTES + key.length + length);
            return offset;
        } catch (IOException e) {
            statistics.data.writeFailed.increment();
            dataErrors.add();
            if (e.getSuppressed().length > 0) {
                failure = e;
            }
            throw new WriteFailedException(WriteFailedException.Part.DATA, e);
        }
    }

    private WriteFailedException indexFailed(DataFile file, long length, int lastEntry, IOException cause) {
        WriteFailedException failed = indexFailed(cause);
        try {
            file.undo(length, lastEntry);
        } catch (IOException e) {
            failure = e;
        }
        return failed;
    }

    private WriteFailedException indexFailed(IOException cause) {
        statistics.index.writeFailed.increment();
        indexErrors.add();
        if (cause.getSuppressed().length > 0) {
            failure = cause;
        }
        return new WriteFailedException(WriteFailedException.Part.INDEX, cause);
    }

    private Commit written(long ticket) throws WriteFailedException {
        end = ticket;
        try {
            if (syncMode == SyncMode.NEVER) {
                dirty.persist(false);
                index.applyPatches(ticket);
            } else if (index.waitingPatches() > MOST_WAITING_PATCHES) {
                commit.sync(ticket);
            }
        } catch (IOException e) {
            failure = e;
            throw new WriteFailedException(WriteFailedException.Part.INDEX, e);
        }
        return new Commit(this, ticket);
    }

    /** Whether the present value of a key is this one; false also when it cannot be read. */
    boolean holds(Version old, int keyLength, int crc, ByteBuffer... value) {
        if (old.crc() != crc || old.length() != length(value)) {
            return false;
        }
        long at = Integer.toUnsignedLong(old.dataOffset()) + DataFormat.ENTRY_HEADER_BYTES + keyLength;
        ByteBuffer window = ByteBuffer.allocate(Math.min(COMPARE_BYTES, old.length()));
        try {
            for (ByteBuffer part : value) {
                for (int from = part.position(); from < part.limit(); from += window.limit()) {
                    window.clear().limit(Math.min(window.capacity(), part.limit() - from));
                    data.readLocal(old.dataFile(), at, window);
                    if (!window.flip().equals(part.slice(from, window.limit()))) {
                        return false;
                    }
                    at += window.limit();
                }
            }
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            statistics.data.readFailed.increment();
            return false;
        }
    }

    static int length(ByteBuffer... parts) {
        int length = 0;
        for (ByteBuffer part : parts) {
            length += part.remaining();
        }
        return length;
    }

    /** Reads a value into the remaining space of all buffers, and checks it; their positions are before it. */
    void readValue(Version version, byte[] key, ByteBuffer... dst) throws IOException {
        try {
            data.readValue(version, key, dst);
            statistics.data.readBytes.add(version.length());
        } catch (IOException e) {
            statistics.data.readFailed.increment();
            throw e;
        }
    }

    /** The index says something of a version that cannot be. */
    ValueUnreadableException misplaced(Version version) {
        return ValueUnreadableException.misplaced(
                data.path(version.dataFile()), Integer.toUnsignedLong(version.dataOffset()));
    }

    /** Whether a value of this length goes into a new pair of files. */
    boolean needsJump(long dataSize, int valueLength) {
        return data.active().length() + valueLength > dataSize
                || index.length(index.active()) > IndexFiles.MAX_BYTES - DataFormat.MAX_KEY_BYTES - 64;
    }

    /** Closes the active pair and opens the next. The store's lock is held to write. */
    Jump jump() throws WriteFailedException {
        checkUsable();
        boolean durable = syncMode != SyncMode.NEVER;
        int old = index.active();
        try {
            index.write();
        } catch (IOException e) {
            throw indexFailed(e);
        }
        try {
            if (durable) {
                commit.sync(end);
                index.sync();
            }
        } catch (IOException e) {
            failure = e;
            throw new WriteFailedException(WriteFailedException.Part.INDEX, e);
        }
        try {
            DataFile next = data.prepare(old + 1);
            try {
                index.create(old + 1, durable);
            } catch (IOException e) {
                data.discard(next);
                throw e;
            }
            data.activate(next);
        } catch (IOException e) {
            dataErrors.add();
            throw new WriteFailedException(WriteFailedException.Part.DATA, e);
        }
        end = ticket(data.active());
        appendedSinceJump = false;
        openedNanos = System.nanoTime();
        return new Jump(index.path(old), index.path(old + 1), data.path(old), data.path(old + 1), dirty());
    }

    /** Brings every change of the index files into them. The store's lock is held to write. */
    void settle() throws IOException {
        checkUsable();
        index.write();
        commit.sync(end);
        index.applyPatches(end);
        index.sync();
    }

    /** Whether nothing has failed so far. */
    boolean isUsable() {
        return failure == null;
    }

    /** Files and memory do not agree any more: nothing is written until they are loaded again. */
    void fail(IOException cause) {
        failure = cause;
    }

    /** Whether the active pair was appended to and is older than this. */
    boolean isOlderThan(long seconds) {
        return appendedSinceJump && System.nanoTime() - openedNanos > seconds * 1_000_000_000L;
    }

    void markDirty(int indexFile) {
        dirty.mark(indexFile);
    }

    /** Index files changed in place since the last reset, ascending. */
    SortedSet<Integer> dirty() {
        return dirty.numbers();
    }

    void resetDirty(SortedSet<Integer> reported) {
        dirty.reset(reported);
    }

    void addDirty(SortedSet<Integer> again) {
        dirty.mark(again);
    }

    /** Flags a record as deleted or replaced, once the data position {@code ticket} is durable. */
    void flag(int file, int offset, long ticket) {
        index.flag(file, offset, ticket);
        markDirty(file);
    }

    /** Called once after loading. */
    void started() throws IOException {
        end = ticket(data.active());
        dirty.begin(index.active(), syncMode != SyncMode.NEVER);
        index.write();
        sync();
        index.sync();
    }

    /** Everything written so far. */
    Commit committed() {
        return new Commit(this, end);
    }

    void awaitCommit(long position) throws IOException {
        if (syncMode == SyncMode.ALWAYS) {
            commit.sync(position);
        }
    }

    /** Makes everything durable that was written. */
    void sync() throws IOException {
        try {
            commit.sync(end);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    private long flush() throws IOException {
        long reached = end;
        data.active().file().sync();
        writeIndex();
        dirty.persist(syncMode != SyncMode.NEVER);
        index.applyPatches(reached);
        return reached;
    }

    /** What the index lacks is made again from the data, so failing to write it is not a reason to stop. */
    private void writeIndex() {
        try {
            index.write();
        } catch (IOException e) {
            LOG.warn("{} cannot be written now: {}", index.path(index.active()), e.getMessage());
            statistics.index.writeFailed.increment();
            indexErrors.add();
        }
    }

    /** Makes everything durable and closes the files. The store's lock is held to write. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (failure == null) {
                sync();
                writeIndex();
                index.sync();
            }
        } finally {
            data.close();
            index.close();
            dirty.end(failure == null);
        }
    }

    /** Closes the files without caring for what is in them, because they go away. The store's lock is held to write. */
    void abandon() throws IOException {
        closed = true;
        // nobody waits for what is gone
        commit.reset(Long.MAX_VALUE);
        data.close();
        index.close();
        dirty.end(false);
    }

    private void checkUsable() throws WriteFailedException {
        IOException failed = failure;
        if (failed != null) {
            throw new WriteFailedException(WriteFailedException.Part.DATA, failed);
        }
        if (closed) {
            throw new WriteFailedException(WriteFailedException.Part.DATA, new IOException("the namespace is closed"));
        }
    }

    private static long ticket(DataFile file) {
        return (long) file.number() << 32 | file.length();
    }
}
