package org.qsfs.fuse.session;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that serve a mount. One for each processor is enough while requests are answered quickly; more would only contend for the processors, and the kernel, which gives requests to
 * waiting threads in turn, would wake one whose processor sleeps more often. When for two milliseconds none is waiting for a request and none has answered one, all of them are in slow
 * requests (an fsync, a read that fetches from a backend): then one more is started, again and again up to the limit, so that a stat does not wait for the slow ones. The additional ones
 * end when enough others wait.
 *
 * <p>The threads are platform threads, because reading the device blocks in the kernel and would pin a carrier of virtual ones.
 */
public final class WorkerPool {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
    private static final Duration STUCK = Duration.ofMillis(2);
    /** So often the supervisor looks again before it waits to be called. */
    private static final int LOOKS = 50;

    private final RequestSource source;
    private final String name;
    private final int usual;
    private final int limit;
    private final Runnable afterLast;
    private final Thread supervisor;
    private final Object lock = new Object();
    /** Guarded by {@link #lock}. */
    private int threads;

    /** A worker has seen the end, or none is left: no more threads are started. Guarded by {@link #lock}. */
    private boolean closing;

    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger started = new AtomicInteger();
    /** Whether the supervisor looks by itself. */
    private volatile boolean watching = true;

    private final LongAdder answered = new LongAdder();
    private final CountDownLatch ended = new CountDownLatch(1);

    /**
     * @param limit most threads at once
     * @param afterLast called when the last thread ends, before anybody is told of the end
     */
    public WorkerPool(RequestSource source, String name, int limit, Runnable afterLast) {
        this.source = source;
        this.name = name;
        this.usual = Math.min(limit, Math.max(2, Runtime.getRuntime().availableProcessors()));
        this.limit = limit;
        this.afterLast = afterLast;
        this.supervisor =
                Thread.ofPlatform().name(name + "-supervisor").daemon(true).unstarted(this::supervise);
    }

    public void start() {
        supervisor.start();
        for (int i = 0; i < usual; i++) {
            startThread();
        }
    }

    private void supervise() {
        int looks = 0;
        while (!hasEnded()) {
            if (looks == LOOKS) {
                awaitCall();
                looks = 0;
            }
            boolean busy = waiting.get() == 0;
            long before = answered.sum();
            sleep();
            boolean stillBusy = waiting.get() == 0;
            looks = stillBusy ? 0 : looks + 1;
            if (busy && stillBusy && answered.sum() == before) {
                startThread();
            }
        }
    }

    /** Waits until all threads are in requests. Being called costs a worker time, so the supervisor looks by itself for a while afterwards. */
    private void awaitCall() {
        watching = false;
        while (waiting.get() > 0 && !hasEnded()) {
            LockSupport.park(this);
        }
        watching = true;
    }

    private void sleep() {
        long end = System.nanoTime() + STUCK.toNanos();
        for (long left = STUCK.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
            if (hasEnded()) {
                return;
            }
        }
    }

    private void startThread() {
        synchronized (lock) {
            if (closing || threads == limit) {
                return;
            }
            threads++;
        }
        try {
            Thread.ofPlatform()
                    .name(name + "-" + started.incrementAndGet())
                    .daemon(true)
                    .start(this::serve);
        } catch (OutOfMemoryError e) {
            LOG.warn("cannot start another worker of the mount: {}", e.getMessage());
            ended();
        }
    }

    private void serve() {
        try (RequestSource.Worker worker = source.newWorker()) {
            worker.interruption().during(() -> serve(worker));
        } catch (RuntimeException | Error e) {
            LOG.error("a worker of the mount ended unexpectedly", e);
        } finally {
            ended();
        }
    }

    private void serve(RequestSource.Worker worker) {
        boolean more = true;
        while (more) {
            waiting.incrementAndGet();
            boolean received = worker.receive();
            if (waiting.decrementAndGet() == 0 && !watching) {
                LockSupport.unpark(supervisor);
            }
            if (!received) {
                close();
                return;
            }
            worker.handle();
            answered.increment();
            more = waiting.get() < usual;
        }
    }

    private void close() {
        synchronized (lock) {
            closing = true;
        }
    }

    private void ended() {
        synchronized (lock) {
            threads--;
            if (threads > 0) {
                return;
            }
            closing = true;
        }
        try {
            afterLast.run();
        } finally {
            ended.countDown();
            LockSupport.unpark(supervisor);
        }
    }

    public boolean hasEnded() {
        return ended.getCount() == 0;
    }

    public void awaitEnd() throws InterruptedException {
        ended.await();
    }

    public boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }
}
