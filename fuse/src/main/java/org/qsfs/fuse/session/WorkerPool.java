package org.qsfs.fuse.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
 * <p>Where the kernel has a queue for each processor beside the first, each of these has a fixed number of threads: a request may be on its way to one at any moment, so none may end, and
 * the source cannot have more.
 *
 * <p>The threads are platform threads, because waiting for a request blocks in the kernel and would pin a carrier of virtual ones.
 */
public final class WorkerPool {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
    private static final Duration STUCK = Duration.ofMillis(2);
    private static final long TIDY_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** So often the supervisor looks again before it waits to be called. */
    private static final int LOOKS = 50;

    private final RequestSource source;
    private final String name;
    private final Queue first;
    private final List<Queue> queues = new ArrayList<>();
    private final Runnable afterLast;
    private final Thread supervisor;
    private final Object lock = new Object();
    /** Guarded by {@link #lock}. */
    private int threads;

    /** A worker has seen the end, or none is left: no more threads are started. Guarded by {@link #lock}. */
    private boolean closing;

    private final AtomicInteger started = new AtomicInteger();
    /** Whether the supervisor looks by itself. */
    private volatile boolean watching = true;

    /** Whether the supervisor waits for the next request, whoever is waiting for one. */
    private volatile boolean calm;

    private final CountDownLatch ended = new CountDownLatch(1);

    /** The workers of one queue. */
    private static final class Queue {
        private final int number;
        private final int usual;
        private final int limit;
        private final AtomicInteger waiting = new AtomicInteger();
        private final LongAdder answered = new LongAdder();
        /** Guarded by the pool's lock. */
        private int threads;

        Queue(int number, int usual, int limit) {
            this.number = number;
            this.usual = Math.min(usual, limit);
            this.limit = limit;
        }

        boolean isBusy() {
            return waiting.get() == 0;
        }
    }

    /**
     * @param limit most threads at once of the first queue
     * @param afterLast called when the last thread ends, before anybody is told of the end
     */
    public WorkerPool(RequestSource source, String name, int limit, Runnable afterLast) {
        this.source = source;
        this.name = name;
        int others = source.queues() - 1;
        this.first =
                new Queue(0, others > 0 ? 1 : Math.max(2, Runtime.getRuntime().availableProcessors()), limit);
        queues.add(first);
        for (int number = 1; number <= others; number++) {
            queues.add(new Queue(number, source.workersPerQueue(), source.workersPerQueue()));
        }
        this.afterLast = afterLast;
        this.supervisor =
                Thread.ofPlatform().name(name + "-supervisor").daemon(true).unstarted(this::supervise);
    }

    public void start() {
        for (Queue queue : queues) {
            for (int i = 0; i < queue.usual; i++) {
                startThread(queue);
            }
        }
        supervisor.start();
    }

    private void supervise() {
        int looks = 0;
        long tidied = System.nanoTime();
        while (!hasEnded()) {
            if (looks == LOOKS) {
                awaitCall();
                looks = 0;
            }
            if (System.nanoTime() - tidied > TIDY_NANOS) {
                source.tidy();
                tidied = System.nanoTime();
            }
            boolean busy = first.isBusy();
            long before = first.answered.sum();
            sleep();
            boolean stillBusy = first.isBusy();
            looks = stillBusy ? 0 : looks + 1;
            if (busy && stillBusy && first.answered.sum() == before) {
                startThread(first);
            }
        }
    }

    /** Waits until all threads are in requests. Being called costs a worker time, so the supervisor looks by itself for a while afterwards. */
    private void awaitCall() {
        watching = false;
        while (!first.isBusy() && !hasEnded()) {
            if (queues.size() > 1) {
                tidyUntilCalm();
            }
            if (!first.isBusy()) {
                LockSupport.park(this);
            }
        }
        watching = true;
    }

    /** Returns when no request was answered for a while; the next one then ends the supervisor's wait. */
    private void tidyUntilCalm() {
        long before;
        do {
            before = answered();
            source.tidy();
            LockSupport.parkNanos(this, TIDY_NANOS);
            calm = answered() == before;
        } while (!calm && !first.isBusy() && !hasEnded());
    }

    private long answered() {
        return queues.stream().mapToLong(queue -> queue.answered.sum()).sum();
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

    private void startThread(Queue queue) {
        synchronized (lock) {
            if (closing || queue.threads == queue.limit) {
                return;
            }
            threads++;
            queue.threads++;
        }
        try {
            Thread.ofPlatform()
                    .name(name + "-" + started.incrementAndGet())
                    .daemon(true)
                    .start(() -> serve(queue));
        } catch (OutOfMemoryError e) {
            LOG.warn("cannot start another worker of the mount: {}", e.getMessage());
            ended(queue);
        }
    }

    private void serve(Queue queue) {
        try (RequestSource.Worker worker = source.newWorker(queue.number)) {
            worker.interruption().during(() -> serve(queue, worker));
        } catch (RuntimeException | Error e) {
            LOG.error("a worker of the mount ended unexpectedly", e);
        } finally {
            ended(queue);
        }
    }

    private void serve(Queue queue, RequestSource.Worker worker) {
        boolean more = true;
        while (more) {
            queue.waiting.incrementAndGet();
            boolean received = worker.receive();
            boolean noneWaits = queue.waiting.decrementAndGet() == 0;
            if (calm || (noneWaits && queue == first && !watching)) {
                calm = false;
                LockSupport.unpark(supervisor);
            }
            if (!received) {
                close();
                return;
            }
            worker.handle();
            queue.answered.increment();
            more = queue.number > 0 || queue.waiting.get() < queue.usual;
        }
    }

    private void close() {
        synchronized (lock) {
            closing = true;
        }
    }

    private void ended(Queue queue) {
        synchronized (lock) {
            queue.threads--;
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
