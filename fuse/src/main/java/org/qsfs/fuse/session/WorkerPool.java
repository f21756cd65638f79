package org.qsfs.fuse.session;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that serve a mount. There is always one waiting for the next request as long as the limit allows: a thread that takes a request when nobody else
 * waits starts another one first, and a thread that finds enough waiting ends. So slow reads do not keep a stat from being answered until all threads are
 * in slow reads, and an idle mount has few threads.
 *
 * <p>The threads are platform threads, because reading the device blocks in the kernel and would pin a carrier of virtual ones.
 */
public final class WorkerPool {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

    /** Threads kept waiting; more of them end after their request. */
    private static final int MAX_WAITING = 6;

    private final RequestSource source;
    private final String name;
    private final int limit;
    private final Runnable afterLast;
    private final AtomicInteger threads = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger started = new AtomicInteger();
    private final CountDownLatch ended = new CountDownLatch(1);

    /**
     * @param limit most threads at once
     * @param afterLast called when the last thread ends, before anybody is told of the end
     */
    public WorkerPool(RequestSource source, String name, int limit, Runnable afterLast) {
        this.source = source;
        this.name = name;
        this.limit = limit;
        this.afterLast = afterLast;
    }

    public void start() {
        startThread();
    }

    private void startThread() {
        if (threads.incrementAndGet() > limit) {
            threads.decrementAndGet();
            return;
        }
        Thread.ofPlatform()
                .name(name + "-" + started.incrementAndGet())
                .daemon(true)
                .start(this::serve);
    }

    private void serve() {
        try (RequestSource.Worker worker = source.newWorker()) {
            boolean more = true;
            while (more) {
                waiting.incrementAndGet();
                boolean received = worker.receive();
                boolean alone = waiting.decrementAndGet() == 0;
                if (!received) {
                    return;
                }
                if (alone) {
                    startAnother();
                }
                worker.handle();
                more = waiting.get() < MAX_WAITING;
            }
        } catch (RuntimeException | Error e) {
            LOG.error("a worker of the mount ended unexpectedly", e);
        } finally {
            ended();
        }
    }

    /** A request has been taken, so nothing may keep this thread from answering it, not even a machine that is out of threads. */
    private void startAnother() {
        try {
            startThread();
        } catch (OutOfMemoryError e) {
            threads.decrementAndGet();
            LOG.warn("cannot start another worker, {} go on: {}", threads, e.getMessage());
        }
    }

    private void ended() {
        if (threads.decrementAndGet() == 0) {
            try {
                afterLast.run();
            } finally {
                ended.countDown();
            }
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
