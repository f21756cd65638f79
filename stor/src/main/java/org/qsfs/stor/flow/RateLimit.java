package org.qsfs.stor.flow;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds the bytes per second of some work. Whoever is about to move bytes asks first; bytes are granted at once as long as the past is paid for, and what was granted
 * delays the next one, so a piece larger than a second's bytes passes too. Unused time is not saved up for longer than a quarter of a second.
 *
 * <p>Thread-safe. The rate may be changed at any time.
 */
public final class RateLimit {
    private static final long SAVED_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition changed = lock.newCondition();
    private long bytesPerSecond;
    /** When everything granted so far is paid for, by {@link System#nanoTime}. */
    private long paidAt = System.nanoTime();

    /** @param bytesPerSecond 0 for no limit */
    public RateLimit(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** From now on so many, 0 for no limit. Those who wait are granted by the new rate. */
    public void change(long next) {
        lock.lock();
        try {
            if (next != bytesPerSecond) {
                bytesPerSecond = next;
                paidAt = System.nanoTime();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until so many bytes may be moved. */
    public void acquire(long bytes) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (bytesPerSecond > 0) {
                long now = System.nanoTime();
                if (paidAt - now <= 0) {
                    paidAt = Math.max(paidAt, now - SAVED_NANOS)
                            + (long) ((double) bytes / bytesPerSecond * TimeUnit.SECONDS.toNanos(1));
                    return;
                }
                long _ = changed.awaitNanos(paidAt - now);
            }
        } finally {
            lock.unlock();
        }
    }
}
