package org.qsfs.fs;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets a request go whose caller does not want to wait any more. A thread that serves requests has one of these for all its requests, one after the other; nothing is
 * allocated for a request.
 *
 * <p>The serving thread {@link #begin begins} and {@link #end ends} requests, whoever hears of an interrupt {@link #interrupt names} the request, and waits that may take long
 * (for a backend, for room) are made with {@link #park} and {@link #await}, by whatever code the request has called: those end at once with EINTR. What does not wait goes on
 * to its end, so an interrupted call has either done its work or changed nothing.
 *
 * <p>Threads are not interrupted ({@link Thread#interrupt}): that would close the file channels that they are reading, for everybody.
 */
public final class Interruption {
    private static final ScopedValue<Interruption> CURRENT = ScopedValue.newInstance();
    private static final long NONE = 0;

    private final Watch watch;
    private volatile @Nullable Thread server;
    private volatile long request = NONE;
    /** Of the serving thread: the request that {@link #watch} knows of. */
    private long watched = NONE;
    /** The request that was interrupted last. Written under the monitor. */
    private volatile long interrupted = NONE;

    /** Told by the serving thread, before the first wait of a request, that interrupts of it matter from now on. */
    public interface Watch {
        void begin(long request);

        /** All interrupts are reported anyway. */
        Watch NOTHING = request -> {};
    }

    public Interruption(Watch watch) {
        this.watch = watch;
    }

    /** Runs what serves requests on this thread. */
    public void during(Runnable service) {
        server = Thread.currentThread();
        try {
            ScopedValue.where(CURRENT, this).run(service);
        } finally {
            server = null;
        }
    }

    /** @param number names the request until its {@link #end}, not 0; used again only when nobody can {@link #interrupt} the earlier one any more */
    public void begin(long number) {
        watched = NONE;
        if (interrupted != NONE) {
            forget();
        }
        request = number;
    }

    private synchronized void forget() {
        interrupted = NONE;
    }

    public void end() {
        request = NONE;
    }

    /**
     * Ends the waits of a request. Any thread.
     *
     * @return false when this is not the request being served
     */
    public boolean interrupt(long which) {
        if (request != which) {
            return false;
        }
        synchronized (this) {
            // an interrupt of the request before, which comes late, must not take the place of one of this request
            if (request != which) {
                return false;
            }
            interrupted = which;
        }
        LockSupport.unpark(server);
        return true;
    }

    /** Whether the calling thread serves requests that can be interrupted. */
    public static boolean isPossible() {
        return CURRENT.isBound();
    }

    /**
     * Ends a wait.
     *
     * @throws FsException EINTR when the request that the calling thread serves, or the thread itself, has been interrupted
     */
    public static void check() throws FsException {
        if (Thread.currentThread().isInterrupted()
                || (CURRENT.isBound() && CURRENT.get().isRequested())) {
            throw new FsException(Errno.EINTR, "interrupted while waiting");
        }
    }

    private boolean isRequested() {
        long current = request;
        if (watched != current) {
            watched = current;
            watch.begin(current);
        }
        return current != NONE && interrupted == current;
    }

    /**
     * {@link LockSupport#parkNanos(Object, long)}: returns after that time, when unparked, or for no reason.
     *
     * @throws FsException EINTR, as {@link #check}
     */
    public static void park(Object blocker, long nanos) throws FsException {
        check();
        LockSupport.parkNanos(blocker, nanos);
        check();
    }

    /**
     * Waits for work of another thread, which goes on when this one leaves.
     *
     * @throws FsException EINTR, as {@link #check}
     * @throws ExecutionException the work failed
     */
    public static <T extends @Nullable Object> T await(CompletableFuture<T> work)
            throws FsException, ExecutionException {
        Thread waiter = Thread.currentThread();
        CompletableFuture<T> _ = work.whenComplete((result, failure) -> LockSupport.unpark(waiter));
        while (!work.isDone()) {
            park(work, Long.MAX_VALUE);
        }
        try {
            return work.get();
        } catch (InterruptedException | CancellationException e) {
            throw new ExecutionException(e);
        }
    }
}
