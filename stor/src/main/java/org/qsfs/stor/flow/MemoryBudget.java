package org.qsfs.stor.flow;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the bytes that work under way keeps in memory: whoever begins a piece of work reserves what it will need, all at once, and waits for its turn in order of
 * asking.
 */
public final class MemoryBudget {
    /** The semaphore counts in these, since its permits are ints. */
    private static final int UNIT_BYTES = 1024;

    private final int units;
    private final Semaphore free;

    /** A part of the budget, in use until closed. */
    public final class Reservation implements AutoCloseable {
        private final int reserved;

        private Reservation(int reserved) {
            this.reserved = reserved;
        }

        @Override
        public void close() {
            free.release(reserved);
        }
    }

    /** @param bytes all that may be in use at once */
    public MemoryBudget(long bytes) {
        this.units = Math.toIntExact(Math.clamp(bytes / UNIT_BYTES, 1, Integer.MAX_VALUE));
        this.free = new Semaphore(units, true);
    }

    /** Waits for that many bytes; a piece of work larger than the budget gets all of it, and so runs alone. */
    public Reservation reserve(long bytes) throws InterruptedException {
        int wanted = unitsOf(bytes);
        free.acquire(wanted);
        return new Reservation(wanted);
    }

    /** As {@link #reserve(long)} but gives up after some time, with null. */
    public @Nullable Reservation reserve(long bytes, Duration patience) throws InterruptedException {
        int wanted = unitsOf(bytes);
        return free.tryAcquire(wanted, patience.toNanos(), TimeUnit.NANOSECONDS) ? new Reservation(wanted) : null;
    }

    /** Bytes not in use now. */
    public long free() {
        return (long) free.availablePermits() * UNIT_BYTES;
    }

    /** Bytes in use now. */
    public long used() {
        return (long) (units - free.availablePermits()) * UNIT_BYTES;
    }

    private int unitsOf(long bytes) {
        return (int) Math.min(units, Math.ceilDiv(bytes, UNIT_BYTES));
    }
}
