package org.qsfs.fs.data;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.Interruption;

/**
 * The memory for bytes that were written and are not in the log yet: pages of 4 KiB outside of the Java heap, up to a fixed number.
 * Memory that was needed once is kept for the next burst. Safe for many threads.
 */
final class PagePool {
    static final int PAGE = DirtyRange.PAGE;

    private static final int SLAB_PAGES = 256;
    private static final long INTERRUPT_CHECK = TimeUnit.MILLISECONDS.toNanos(50);

    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private final ArrayDeque<ByteBuffer> idle = new ArrayDeque<>();
    private int allocated;
    private int used;

    /** @param bytes upper bound of the memory */
    PagePool(long bytes) {
        long pages = bytes / PAGE;
        if (pages < 2L * SLAB_PAGES || pages > Integer.MAX_VALUE - SLAB_PAGES) {
            throw new IllegalArgumentException(
                    "memory for dirty data of " + bytes + " bytes; at least " + 2L * SLAB_PAGES * PAGE + " expected");
        }
        this.limit = (int) pages;
    }

    /** Pages that one writer has taken and not used yet. Not for several threads. */
    final class Lease implements AutoCloseable {
        private final List<ByteBuffer> pages;

        private Lease(List<ByteBuffer> pages) {
            this.pages = pages;
        }

        ByteBuffer take() {
            return pages.removeLast();
        }

        /** Gives back what was not taken. */
        @Override
        public void close() {
            release(pages);
        }
    }

    /** Takes pages if there are enough. */
    java.util.Optional<Lease> tryAcquire(int count) {
        lock.lock();
        try {
            return used + count > limit ? java.util.Optional.empty() : java.util.Optional.of(new Lease(take(count)));
        } finally {
            lock.unlock();
        }
    }

    /** Waits for pages that others give back. EIO when none come within the time, EINTR when the request is interrupted. */
    Lease acquire(int count, long timeoutMillis) throws FsException {
        long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        lock.lock();
        try {
            while (used + count > limit) {
                if (left <= 0) {
                    throw new FsException(
                            Errno.EIO,
                            "no memory for written data became free in %d ms: %d of %d pages are in use; the local disk is stuck"
                                    .formatted(timeoutMillis, used, limit));
                }
                Interruption.check();
                long slice = Math.min(left, INTERRUPT_CHECK);
                left -= slice - freed.awaitNanos(slice);
            }
            return new Lease(take(count));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException(Errno.EINTR, "interrupted while waiting for memory", e);
        } finally {
            lock.unlock();
        }
    }

    void release(List<ByteBuffer> pages) {
        if (pages.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            for (ByteBuffer page : pages) {
                idle.push(page);
            }
            used -= pages.size();
            freed.signalAll();
        } finally {
            lock.unlock();
        }
        pages.clear();
    }

    /** Bytes of memory that hold or may soon hold written data. */
    long usedBytes() {
        lock.lock();
        try {
            return (long) used * PAGE;
        } finally {
            lock.unlock();
        }
    }

    /** Upper bound of the memory, bytes. */
    long bytes() {
        return (long) limit * PAGE;
    }

    private List<ByteBuffer> take(int count) {
        while (idle.size() < count) {
            int pages = Math.min(SLAB_PAGES, limit - allocated);
            ByteBuffer slab = ByteBuffer.allocateDirect(pages * PAGE);
            for (int i = 0; i < pages; i++) {
                idle.push(slab.slice(i * PAGE, PAGE));
            }
            allocated += pages;
        }
        used += count;
        List<ByteBuffer> pages = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            pages.add(idle.pop());
        }
        return pages;
    }
}
