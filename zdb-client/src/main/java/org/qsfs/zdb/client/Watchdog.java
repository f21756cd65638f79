package org.qsfs.zdb.client;

import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes sockets at their deadline. A read timeout alone would not do: it does not end a blocked write, and it starts anew
 * with every byte that a slow server drips.
 *
 * <p>Thread-safe. One daemon thread, parked while there is nothing to watch.
 */
final class Watchdog implements AutoCloseable {

    private static final long FAR = TimeUnit.HOURS.toNanos(1);

    private final Set<Guard> guards = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean started = new AtomicBoolean();
    private final Thread thread;
    private volatile boolean closed;
    private volatile long nextWake = System.nanoTime() + FAR;

    Watchdog(String name) {
        thread = Thread.ofPlatform().daemon().name("zdb-watchdog " + name).unstarted(this::run);
    }

    /** Closes the resource at the deadline ({@link System#nanoTime}), or with the watchdog, unless the guard is closed before. */
    Guard guard(long deadline, Closeable resource) {
        Guard guard = new Guard(deadline, resource);
        guards.add(guard);
        if (!started.get() && started.compareAndSet(false, true)) {
            thread.start();
        } else if (deadline - nextWake < 0) {
            LockSupport.unpark(thread);
        }
        if (closed) {
            guard.fire(); // nobody would at the deadline
        }
        return guard;
    }

    private void run() {
        while (!closed) {
            long now = System.nanoTime();
            long wake = now + FAR;
            // far while looking, so that whoever adds a guard behind our back wakes us
            nextWake = wake;
            for (Guard guard : guards) {
                if (guard.deadline - now <= 0) {
                    guard.fire();
                } else if (guard.deadline - wake < 0) {
                    wake = guard.deadline;
                }
            }
            nextWake = wake;
            LockSupport.parkNanos(this, Math.max(1, wake - System.nanoTime()));
        }
    }

    /** Closes everything that is watched now or later: without the thread nothing would end at its deadline. */
    @Override
    public void close() {
        closed = true;
        guards.forEach(Guard::fire);
        LockSupport.unpark(thread);
    }

    /** One watched resource. */
    final class Guard implements AutoCloseable {

        private final long deadline;
        private final Closeable resource;

        private Guard(long deadline, Closeable resource) {
            this.deadline = deadline;
            this.resource = resource;
        }

        private void fire() {
            close();
            try {
                resource.close();
            } catch (IOException e) {
                // the socket is gone either way
            }
        }

        @Override
        public void close() {
            guards.remove(this);
        }
    }
}
