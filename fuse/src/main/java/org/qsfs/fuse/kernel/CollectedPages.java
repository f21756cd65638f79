package org.qsfs.fuse.kernel;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;

/**
 * Pages that the kernel has collected with the writeback cache and not sent yet. For SEEK_HOLE and SEEK_DATA it does not send them by itself (Linux 6.18), so holes would be
 * found where something was written.
 */
final class CollectedPages {
    /** A worker that waits here needs others to take the pages; so only one in so many may. */
    private static final int WORKERS_PER_WAITING = 4;

    private static final long PATIENCE_SECONDS = 1;

    private final LongConsumer invalidation;
    private final Semaphore waiting;

    /**
     * @param invalidation makes the kernel write out and drop the pages of an inode; returns when it has
     * @param workers how many there are that the pages may come to
     */
    CollectedPages(LongConsumer invalidation, int workers) {
        this.invalidation = invalidation;
        this.waiting = new Semaphore(Math.max(1, workers / WORKERS_PER_WAITING));
    }

    /** Returns when everything that was written before is in the filesystem; EAGAIN when too many calls wait for that for too long. */
    void writeOut(long inode) throws FsException {
        try {
            if (!waiting.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new FsException(Errno.EAGAIN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException(Errno.EINTR);
        }
        try {
            invalidation.accept(inode);
        } finally {
            waiting.release();
        }
    }
}
