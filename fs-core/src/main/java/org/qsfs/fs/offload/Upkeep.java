package org.qsfs.fs.offload;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an open volume does by itself, each in a thread of its own, since one may wait for the disk and another for a backend: closes segments that are older than the push interval
 * and takes checkpoints; publishes; frees local disk. A failed round is logged and the next one comes anyway.
 */
final class Upkeep implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);

    /** One round of a duty. */
    interface Duty {
        void run() throws IOException;
    }

    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();

    /** Does something at every interval until {@link #close}; the first time after one interval. */
    void every(Duration interval, String name, Duty duty) {
        threads.add(Thread.ofVirtual().name("qsfs-" + name).start(() -> {
            try {
                while (!stopped.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                    round(name, duty);
                }
            } catch (InterruptedException e) {
                log.debug("{} stops", name);
            }
        }));
    }

    private static void round(String name, Duty duty) {
        try {
            duty.run();
        } catch (IOException | RuntimeException e) {
            log.warn("{} failed and will be tried again: {}", name, e.toString());
        }
    }

    @Override
    public void close() {
        stopped.countDown();
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                if (!thread.join(STOP_DEADLINE)) {
                    log.warn("{} did not stop within {} s", thread.getName(), STOP_DEADLINE.toSeconds());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
