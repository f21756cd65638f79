package org.qsfs.fs.inode;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.Timestamp;
import org.qsfs.fs.format.EntryRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.journal.VolumeCounters;
import org.qsfs.fs.rows.RowReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of a volume as objects, and the only place where they change.
 *
 * <p>Every change is made under the namespace lock: it reads, decides, and is committed to the journal before the lock is given back.
 * The caches are updated after the commit and under the lock, so that whoever holds the lock finds them exact; a reader without
 * the lock sees a row as it was or as it has become.
 */
public final class Metadata {
    private static final Logger LOG = LoggerFactory.getLogger(Metadata.class);

    static final EntryRow NO_ENTRY = new EntryRow(0, FileType.REGULAR, 0);

    /** Rows in one transaction: that of a symbolic link has 4 KiB. */
    private static final int ACCESS_TIMES_AT_ONCE = 512;

    private final RowReader rows;
    private final TransactionLog log;
    private final InstantSource clock;
    private final Limits limits;
    private final AccessTimes accessTimes;
    private final Orphans orphans = new Orphans();

    private final ReentrantLock namespaceLock = new ReentrantLock();
    private final Cache<Long, InodeRow> inodes;
    private final Cache<EntryKey, EntryRow> entries;

    private final AtomicLong nextInode;
    private final AtomicLong nextSequence;
    private volatile @Nullable IOException failure;

    record EntryKey(long directory, FileName name) {}

    /**
     * @param inodes most inodes that the volume may have
     * @param cached most inodes, and most names, that are kept decoded
     * @param readOnly whether every change is refused
     */
    public record Limits(long inodes, int cached, boolean readOnly) {}

    /** Makes a change; what it throws undoes everything. */
    @FunctionalInterface
    public interface Work<T> {
        T apply(Change change) throws FsException;
    }

    /** Like {@link Work}, without a result. */
    @FunctionalInterface
    public interface Action {
        void apply(Change change) throws FsException;
    }

    public Metadata(RowReader rows, TransactionLog log, InstantSource clock, Limits limits, AccessTimes accessTimes) {
        this.rows = rows;
        this.log = log;
        this.clock = clock;
        this.limits = limits;
        this.accessTimes = accessTimes;
        // maintenance on the calling thread: no pool of its own, no surprise in the request path
        this.inodes = Caffeine.newBuilder()
                .maximumSize(limits.cached())
                .executor(Runnable::run)
                .build();
        this.entries = Caffeine.newBuilder()
                .maximumSize(limits.cached())
                .executor(Runnable::run)
                .build();
        VolumeCounters counters = log.counters();
        this.nextInode = new AtomicLong(Math.max(FileSystem.ROOT, counters.nextInode()));
        this.nextSequence = new AtomicLong(counters.nextDataSequence());
    }

    public RowReader rows() {
        return rows;
    }

    public AccessTimes accessTimes() {
        return accessTimes;
    }

    public Orphans orphans() {
        return orphans;
    }

    public Timestamp now() {
        return Timestamp.of(clock.instant());
    }

    /** An inode as it was last committed. ESTALE when there is none. */
    public InodeRow inode(long inode) throws FsException {
        InodeRow row = find(inode);
        if (row == null) {
            throw new FsException(Errno.ESTALE, "there is no inode " + inode);
        }
        return row;
    }

    /** An inode as it was last committed, or null. */
    public @Nullable InodeRow find(long inode) throws FsException {
        InodeRow cached = inodes.getIfPresent(inode);
        if (cached != null) {
            return cached;
        }
        try {
            return inodes.get(inode, this::loadInode);
        } catch (UncheckedIOException e) {
            throw unwrap(e);
        }
    }

    /** What a name stands for, or null. */
    public @Nullable EntryRow entry(long directory, FileName name) throws FsException {
        EntryKey key = new EntryKey(directory, name);
        EntryRow entry = entries.getIfPresent(key);
        if (entry == null) {
            try {
                entry = entries.get(key, this::loadEntry);
            } catch (UncheckedIOException e) {
                throw unwrap(e);
            }
        }
        return entry.inode() == 0 ? null : entry;
    }

    /** Makes a change and commits it; visible when this returns, and on disk if a directory wants that ({@link org.qsfs.fs.InodeFlags#DIRECTORY_SYNC}). */
    public <T> T change(Work<T> work) throws FsException {
        checkWritable();
        Change change;
        T result;
        namespaceLock.lock();
        try {
            change = new Change(this, now());
            result = work.apply(change);
            if (!change.isEmpty()) {
                commit(change);
            }
        } finally {
            namespaceLock.unlock();
        }
        if (change.isDurable()) {
            sync();
        }
        return result;
    }

    /** Looks at the volume while nothing changes. Others wait: for checks only. */
    public <T> T exclusively(Look<T> look) throws FsException {
        namespaceLock.lock();
        try {
            return look.run();
        } finally {
            namespaceLock.unlock();
        }
    }

    /** Reads without changing anything. */
    @FunctionalInterface
    public interface Look<T> {
        T run() throws FsException;
    }

    /** Like {@link #change}, without a result. */
    public void run(Action action) throws FsException {
        change(change -> {
            action.apply(change);
            return change;
        });
    }

    /** Returns when everything that was flushed or changed before the call is on disk. */
    public void sync() throws FsException {
        if (limits.readOnly()) {
            return;
        }
        checkWritable();
        try {
            log.sync();
        } catch (IOException e) {
            throw fail(e);
        }
    }

    /** Writes access times that are ahead of their rows. Not those of damaged rows, which must not keep anything else from the disk. */
    public void writeAccessTimes() throws FsException {
        List<Long> behind = accessTimes.inodes(ACCESS_TIMES_AT_ONCE);
        while (!behind.isEmpty()) {
            List<Long> some = behind;
            run(change -> {
                for (long inode : some) {
                    if (hasIntactRow(inode)) {
                        change.put(change.inode(inode));
                    } else {
                        accessTimes.forget(inode);
                    }
                }
            });
            behind = behind.size() < ACCESS_TIMES_AT_ONCE ? List.of() : accessTimes.inodes(ACCESS_TIMES_AT_ONCE);
        }
    }

    private boolean hasIntactRow(long inode) {
        try {
            return find(inode) != null;
        } catch (FsException e) {
            LOG.warn("the access time of inode {} is not written: {}", inode, e.getMessage());
            return false;
        }
    }

    /** EROFS when the volume is mounted read-only, EIO after a write failed. */
    public void checkWritable() throws FsException {
        if (limits.readOnly()) {
            throw new FsException(Errno.EROFS);
        }
        IOException cause = failure;
        if (cause != null) {
            throw new FsException(
                    Errno.EIO, "the volume is read-only since a write failed: " + cause.getMessage(), cause);
        }
    }

    /** Makes the volume read-only because a write failed, and returns what to throw. */
    public FsException fail(IOException cause) {
        if (failure == null) {
            failure = cause;
            log.fail("the filesystem could not write", cause);
        }
        return cause instanceof FsException known
                ? known
                : new FsException(Errno.EIO, String.valueOf(cause.getMessage()), cause);
    }

    public boolean isFailed() {
        return failure != null;
    }

    public boolean isReadOnly() {
        return limits.readOnly();
    }

    /** A sequence number for the key of a data record. */
    public long nextSequence() {
        return nextSequence.getAndIncrement();
    }

    /** The numbers that travel with the journal. */
    public VolumeCounters counters() {
        return log.counters();
    }

    /** Inodes of the volume. */
    public long inodeCount() {
        return log.counters().inodes();
    }

    /** Bytes that extents and preallocations cover. */
    public long byteCount() {
        return log.counters().bytes();
    }

    public long inodeLimit() {
        return limits.inodes();
    }

    public boolean isEmpty() {
        return nextInode.get() == FileSystem.ROOT;
    }

    long takeInode() {
        return nextInode.getAndIncrement();
    }

    void checkInodeQuota(long more) throws FsException {
        if (inodeCount() + more > limits.inodes()) {
            throw new FsException(Errno.EDQUOT, "the volume may have " + limits.inodes() + " inodes and has them");
        }
    }

    void orphaned(long inode) {
        orphans.orphaned(inode);
    }

    void madeNameless(long inode, boolean linkable) {
        if (linkable) {
            orphans.linkable(inode);
        }
        orphans.orphaned(inode);
    }

    void dropped(long inode) {
        inodes.invalidate(inode);
        accessTimes.forget(inode);
        orphans.dropped(inode);
    }

    private void commit(Change change) throws FsException {
        try {
            log.commit(change.transaction());
        } catch (IOException e) {
            throw fail(e);
        }
        for (InodeRow row : change.inodes().values()) {
            inodes.put(row.inode(), row);
            accessTimes.written(row.inode(), row.times().accessed());
        }
        for (Map.Entry<EntryKey, EntryRow> entry : change.entries().entrySet()) {
            entries.put(entry.getKey(), entry.getValue());
        }
        change.runAfterwards();
    }

    private @Nullable InodeRow loadInode(long inode) {
        try {
            byte[] value = rows.get(Rows.inodeKey(inode));
            return value == null ? null : InodeRow.decode(inode, value);
        } catch (FsException e) {
            throw new UncheckedIOException(e);
        }
    }

    private EntryRow loadEntry(EntryKey key) {
        try {
            byte[] value = rows.get(Rows.entryKey(key.directory(), key.name()));
            return value == null ? NO_ENTRY : EntryRow.decode(key.directory(), value);
        } catch (FsException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FsException unwrap(UncheckedIOException e) {
        return e.getCause() instanceof FsException cause
                ? cause
                : new FsException(Errno.EIO, String.valueOf(e.getMessage()), e);
    }
}
