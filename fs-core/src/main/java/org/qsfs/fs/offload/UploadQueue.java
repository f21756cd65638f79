package org.qsfs.fs.offload;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.qsfs.stor.segment.SegmentId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores closed segments, oldest first, several at once, and tries again for ever with growing pauses. The queue itself is not kept anywhere: after a restart it is again
 * every closed local segment that the catalog does not call stored.
 *
 * <p>Thread-safe. Workers are virtual threads; {@link #close} interrupts them, which ends an attempt that is under way.
 */
final class UploadQueue implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(UploadQueue.class);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);

    /** Stores one segment. */
    interface Upload {
        void store(SegmentId segment) throws IOException;
    }

    /** Told after a segment was stored. */
    interface Stored {
        void stored(SegmentId segment);
    }

    private static final class Waiting {
        final long bytes;
        int failures;
        /** Somebody waits for it, so it is uploaded at any hour. */
        boolean urgent;

        long notBefore = System.nanoTime();
        boolean running;

        @Nullable
        String lastFailure;

        Waiting(long bytes) {
            this.bytes = bytes;
        }
    }

    private final Upload upload;
    private final Stored stored;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock. */
    private final Map<SegmentId, Waiting> waiting = new TreeMap<>();

    private final LongPredicate open;
    private final List<Thread> workers = new ArrayList<>();
    private long changes;
    private boolean closed;

    /** Stores at any hour. */
    UploadQueue(int parallel, Upload upload, Stored stored) {
        this(parallel, upload, stored, bytes -> true);
    }

    /**
     * @param parallel segments stored at once
     * @param open whether uploads that nobody waits for may begin now, when so many bytes are queued; asked at least once a minute
     */
    UploadQueue(int parallel, Upload upload, Stored stored, LongPredicate open) {
        this.open = open;
        this.upload = upload;
        this.stored = stored;
        for (int i = 0; i < parallel; i++) {
            workers.add(Thread.ofVirtual().name("upload-" + i).start(this::work));
        }
    }

    /** Queues a closed segment; does nothing when it is queued already. */
    void add(SegmentId segment, long bytes) {
        lock.lock();
        try {
            if (!closed && waiting.putIfAbsent(segment, new Waiting(bytes)) == null) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stores what is queued now as soon as possible: at any hour, and what failed before at once. */
    void hurry() {
        lock.lock();
        try {
            waiting.values().forEach(w -> {
                w.notBefore = System.nanoTime();
                w.urgent = true;
            });
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * What waits to be stored.
     *
     * @param segments all that are queued, those under way included
     * @param running how many are under way
     * @param bytes their bytes
     * @param failure why the last try of the oldest failing one failed, null when none fails
     */
    record Backlog(
            int segments, int running, long bytes, @Nullable String failure) {}

    Backlog backlog() {
        lock.lock();
        try {
            int running = 0;
            long bytes = 0;
            @Nullable String failure = null;
            for (Waiting w : waiting.values()) {
                running += w.running ? 1 : 0;
                bytes += w.bytes;
                failure = failure == null ? w.lastFailure : failure;
            }
            return new Backlog(waiting.size(), running, bytes, failure);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something was stored or failed, at most so long. */
    void awaitChange(Duration longest) throws InterruptedException {
        lock.lock();
        try {
            long before = changes;
            long left = longest.toNanos();
            while (changes == before && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        workers.forEach(Thread::interrupt);
        for (Thread worker : workers) {
            try {
                if (!worker.join(STOP_DEADLINE)) {
                    log.warn(
                            "{} did not stop within {} s; its attempt is abandoned",
                            worker.getName(),
                            STOP_DEADLINE.toSeconds());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void work() {
        try {
            while (true) {
                SegmentId next = take();
                if (next == null) {
                    return;
                }
                attempt(next);
            }
        } catch (InterruptedException e) {
            log.debug("{} stops", Thread.currentThread().getName());
        }
    }

    /** The oldest segment that may be tried now; null when the queue is closed. */
    private @Nullable SegmentId take() throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                boolean anything = open.test(
                        waiting.values().stream().mapToLong(w -> w.bytes).sum());
                long now = System.nanoTime();
                long wait = TimeUnit.MINUTES.toNanos(1);
                for (Map.Entry<SegmentId, Waiting> entry : waiting.entrySet()) {
                    Waiting w = entry.getValue();
                    if (w.running || !(anything || w.urgent)) {
                        continue;
                    }
                    long left = w.notBefore - now;
                    if (left <= 0) {
                        w.running = true;
                        return entry.getKey();
                    }
                    wait = Math.min(wait, left);
                }
                long _ = changed.awaitNanos(wait);
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void attempt(SegmentId segment) {
        try {
            upload.store(segment);
            // told before the queue lets go of it, so that nobody sees an empty queue and an old head
            stored.stored(segment);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            failed(segment, e);
            return;
        }
        lock.lock();
        try {
            waiting.remove(segment);
            changes++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void failed(SegmentId segment, Throwable cause) {
        lock.lock();
        try {
            Waiting w = waiting.get(segment);
            if (w == null || closed) {
                return;
            }
            w.running = false;
            w.failures++;
            w.lastFailure = "segment " + segment + ": " + cause.getMessage();
            Duration pause = Backoff.after(w.failures);
            w.notBefore = System.nanoTime() + pause.toNanos();
            changes++;
            changed.signalAll();
            log.warn(
                    "segment {} was not stored, try {} failed; next try in {} ms: {}",
                    segment,
                    w.failures,
                    pause.toMillis(),
                    cause.toString());
        } finally {
            lock.unlock();
        }
    }
}
