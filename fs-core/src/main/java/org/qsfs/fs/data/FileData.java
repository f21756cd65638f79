package org.qsfs.fs.data;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Timestamp;
import org.qsfs.fs.format.InodeRow;

/**
 * The content of one regular file while somebody uses it: bytes that are written but not in the log, and the size and time that go with them.
 *
 * <p>Locks, in the order in which they are taken: {@link #changeLock}, held by whoever moves bytes into the log or edits extents, one at
 * a time; {@link #lock}, held for writing while extents become others, for reading while they are looked at; {@link #dirtyLock}, held while written bytes or pending attributes
 * change or are copied; then the namespace lock of {@code Metadata}. A flush appends records and prepares its transaction under the first alone, and writers need only the
 * third, so they wait for no disk and for no transaction. Who makes a file shorter or copies into it holds all of them.
 */
public final class FileData {
    final ReentrantLock changeLock = new ReentrantLock();
    final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    final ReentrantLock dirtyLock = new ReentrantLock();

    /** What was dirty is being flushed, or gone. Of dirtyLock. */
    private final Condition taken = dirtyLock.newCondition();

    private final long inode;
    private final PagePool pool;

    /** Written bytes. Guarded by dirtyLock. */
    private DirtyRanges dirty;
    /** Bytes that a flush is moving into the log; they do not change any more. Guarded by dirtyLock. */
    private @Nullable DirtyRanges flushing;
    /** Bytes that were promised to fit, for what is dirty. Guarded by dirtyLock. */
    private long reserved;

    /** Guarded by dirtyLock to change; becomes null behind the transaction that makes it true of the row. */
    private volatile @Nullable Pending pending;
    /** Guarded by the table. */
    int users;

    /** Whether {@link WriteBehind} is going to flush it. */
    final AtomicBoolean queued = new AtomicBoolean();

    /**
     * What the inode row will say when all dirty bytes are in the log.
     *
     * @param size of the file
     * @param modified time of the last write
     * @param bytes that were written and are not in the log
     */
    record Pending(long size, Timestamp modified, long bytes) {}

    /** What a flush takes. */
    record Frozen(DirtyRanges ranges, Pending pending, long reserved) {}

    FileData(long inode, PagePool pool) {
        this.inode = inode;
        this.pool = pool;
        this.dirty = new DirtyRanges(pool);
    }

    long inode() {
        return inode;
    }

    /** Size and time that are ahead of the inode row, or null. Any thread. */
    @Nullable
    Pending pending() {
        return pending;
    }

    boolean isDirty() {
        return pending != null;
    }

    /** Bytes written and not yet being flushed. Guarded by dirtyLock. */
    long dirtyBytes() {
        return dirty.bytes();
    }

    /**
     * Waits until somebody flushes what is dirty, or the time is over.
     *
     * @param few returns at once when less is dirty, bytes
     * @return whether less than that is dirty
     */
    boolean awaitTaken(long few, long timeoutNanos) throws InterruptedException {
        long left = timeoutNanos;
        dirtyLock.lockInterruptibly();
        try {
            while (dirty.bytes() >= few && left > 0) {
                left = taken.awaitNanos(left);
            }
            return dirty.bytes() < few;
        } finally {
            dirtyLock.unlock();
        }
    }

    /** The size that everybody sees. Under lock or dirtyLock, like the look at the row before. */
    long size(InodeRow row) {
        Pending ahead = pending;
        return ahead != null ? ahead.size() : row.size();
    }

    /** Takes the second and the third lock, for who holds the first: nobody reads or writes meanwhile. */
    void lockContent() {
        lock.writeLock().lock();
        dirtyLock.lock();
    }

    void unlockContent() {
        dirtyLock.unlock();
        lock.writeLock().unlock();
    }

    /** Takes written bytes. @return whether a record's worth is complete. Guarded by dirtyLock. */
    boolean write(long offset, ByteBuffer source, long size, Timestamp now, long promised, PagePool.Lease lease) {
        boolean full = dirty.write(offset, source, lease);
        reserved += promised;
        DirtyRanges older = flushing;
        pending = new Pending(size, now, dirty.bytes() + (older == null ? 0 : older.bytes()));
        return full;
    }

    /** Copies what is dirty of {@code [from, to)} to {@code target} at an index; returns the ranges that are not. Guarded by dirtyLock. */
    List<DirtyRanges.Gap> readDirty(long from, long to, ByteBuffer target, int index) {
        List<DirtyRanges.Gap> gaps = new ArrayList<>();
        dirty.read(from, to, target, index, gaps);
        DirtyRanges older = flushing;
        if (older == null) {
            return gaps;
        }
        List<DirtyRanges.Gap> left = new ArrayList<>();
        for (DirtyRanges.Gap gap : gaps) {
            older.read(gap.from(), gap.to(), target, index + (int) (gap.from() - from), left);
        }
        return left;
    }

    /** Sets everything dirty apart for a flush; null when there is nothing. Guarded by dirtyLock and changeLock. */
    @Nullable
    Frozen freeze() {
        Pending ahead = pending;
        if (ahead == null) {
            return null;
        }
        Frozen frozen = new Frozen(dirty, ahead, reserved);
        flushing = dirty;
        dirty = new DirtyRanges(pool);
        reserved = 0;
        taken.signalAll();
        return frozen;
    }

    /** The flush is visible. From now on nobody looks at what was frozen. Guarded by dirtyLock. */
    void flushed() {
        flushing = null;
        Pending ahead = pending;
        pending = ahead == null || dirty.isEmpty() ? null : new Pending(ahead.size(), ahead.modified(), dirty.bytes());
    }

    /** Forgets everything dirty and returns the bytes that were promised for it. Guarded by dirtyLock. */
    long discard() {
        dirty.clear();
        if (flushing != null) {
            flushing.clear();
            flushing = null;
        }
        pending = null;
        taken.signalAll();
        long promised = reserved;
        reserved = 0;
        return promised;
    }
}
