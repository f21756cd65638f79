package org.qsfs.stor.flow;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets reads, which somebody waits for, go before uploads and repairs: background work asks for its turn before each stripe and waits while reads are under way, but
 * only for a moment, so that it is slowed down and never stopped.
 */
public final class ForegroundWork {
    private final Duration longestYield;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition quiet = lock.newCondition();
    private int readers;

    /** @param longestYield how long one stripe of background work waits for reads at most */
    public ForegroundWork(Duration longestYield) {
        this.longestYield = longestYield;
    }

    /** A read begins; {@link #end} must follow. */
    public void begin() {
        lock.lock();
        try {
            readers++;
        } finally {
            lock.unlock();
        }
    }

    /** A read has ended. */
    public void end() {
        lock.lock();
        try {
            readers--;
            if (readers == 0) {
                quiet.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no read is under way, or long enough. */
    public void yieldToReads() throws InterruptedException {
        long nanos = longestYield.toNanos();
        lock.lockInterruptibly();
        try {
            while (readers > 0 && nanos > 0) {
                nanos = quiet.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }
}
