package org.qsfs.zdb.client;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * At most {@code size} connections, all in the same namespace. The one used last is used next, so that the others can grow
 * old and be closed.
 *
 * <p>Thread-safe.
 */
final class ConnectionPool implements AutoCloseable {

    /** Opens a connection before a deadline and brings it into its namespace. */
    interface Opener {
        Wire open(long deadline);
    }

    private final Opener opener;
    private final Semaphore permits;
    private final Deque<Wire> idle = new ArrayDeque<>();
    private final Set<Wire> busy = new HashSet<>();
    private boolean closed;

    ConnectionPool(int size, Opener opener) {
        this.permits = new Semaphore(size, true);
        this.opener = opener;
    }

    /** @return null when no connection became free before the deadline */
    @Nullable
    Wire borrow(long deadline) throws InterruptedException {
        if (!permits.tryAcquire(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            return null;
        }
        boolean lent = false;
        try {
            Wire wire = takeIdle();
            if (wire == null) {
                wire = opener.open(deadline);
            }
            synchronized (this) {
                busy.add(wire);
                if (closed) {
                    wire.close(); // whoever uses it learns why it is broken
                }
            }
            lent = true;
            return wire;
        } finally {
            if (!lent) {
                permits.release();
            }
        }
    }

    /** Ends a loan. What is not fit for another call is closed. */
    void giveBack(Wire wire, boolean usable) {
        boolean keep = usable && !wire.isBroken() && !wire.hasSurplus();
        synchronized (this) {
            busy.remove(wire);
            keep &= !closed;
            if (keep) {
                idle.push(wire);
            }
        }
        if (!keep) {
            wire.close();
        }
        permits.release();
    }

    /** Closes the idle connections: the server has restarted or vanished, so they are no good either. */
    void forgetIdle() {
        Set<Wire> dropped;
        synchronized (this) {
            dropped = Set.copyOf(idle);
            idle.clear();
        }
        dropped.forEach(Wire::close);
    }

    private @Nullable Wire takeIdle() {
        while (true) {
            Wire wire;
            synchronized (this) {
                wire = idle.poll();
            }
            if (wire == null || wire.fit()) {
                return wire;
            }
            wire.close();
        }
    }

    /** Closes every connection; calls under way fail. */
    @Override
    public void close() {
        Set<Wire> all;
        synchronized (this) {
            closed = true;
            all = new HashSet<>(idle);
            all.addAll(busy);
            idle.clear();
        }
        all.forEach(Wire::close);
    }

    synchronized boolean isClosed() {
        return closed;
    }
}
