package org.qsfs.zdb.log;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes many callers share one fdatasync. A caller that finds none running leads: it flushes everything appended so far.
 * Callers that come meanwhile wait, and one of them leads the next. At most one flush runs at a time.
 *
 * <p>A failed flush is never repeated, because the kernel may have dropped the pages: all later calls fail with it.
 */
public final class GroupCommit {
    /** Longest wait for a flush led by another caller. */
    private static final long WAIT_SECONDS = 300;

    /** Makes everything appended before the call durable and returns the position up to which that holds. */
    public interface Flush {
        long run() throws IOException;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition done = lock.newCondition();
    private final Flush flush;
    private boolean running;
    private volatile long durable;
    private volatile @Nullable IOException failure;

    /** @param durable position that is durable from the beginning; positions only grow */
    public GroupCommit(long durable, Flush flush) {
        this.durable = durable;
        this.flush = flush;
    }

    /** Returns when everything before {@code target} is durable. */
    public void sync(long target) throws IOException {
        while (!settled(target)) {
            if (lead(target)) {
                runFlush();
            }
        }
    }

    public long durable() {
        return durable;
    }

    /** Something was made durable by other means, or counting starts again elsewhere. */
    public void reset(long position) {
        lock.lock();
        try {
            durable = position;
            done.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean settled(long target) throws IOException {
        IOException failed = failure;
        if (failed != null) {
            throw new IOException("fsync failed: " + failed.getMessage(), failed);
        }
        return durable >= target;
    }

    /** Waits for a flush under way; true when this caller is to run the next. */
    private boolean lead(long target) throws IOException {
        boolean interrupted = false;
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
            while (running) {
                try {
                    left = done.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
                if (left <= 0) {
                    throw new IOException("an fsync led by another caller did not end within " + WAIT_SECONDS
                            + " s; the disk does not answer");
                }
            }
            if (settled(target)) {
                return false;
            }
            running = true;
            return true;
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void runFlush() throws IOException {
        long reached = durable;
        IOException failed = null;
        try {
            reached = flush.run();
        } catch (IOException e) {
            failed = e;
            throw e;
        } finally {
            lock.lock();
            try {
                running = false;
                if (failed != null) {
                    failure = failed;
                }
                durable = Math.max(durable, reached);
                done.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
