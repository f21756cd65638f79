package org.qsfs.fs.data;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.FsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that moves files with a complete record into the log while their writers go on. A file is in its queue at most once and counts as used meanwhile. Safe for many threads.
 */
final class WriteBehind {
    private static final Logger LOG = LoggerFactory.getLogger(WriteBehind.class);
    private static final Duration END = Duration.ofSeconds(60);

    private final FileTable files;
    private final Flusher flusher;
    /** What is to be flushed; empty: the end. */
    private final BlockingQueue<Optional<FileData>> queue = new LinkedBlockingQueue<>();

    private volatile @Nullable Thread thread;

    WriteBehind(FileTable files, Flusher flusher) {
        this.files = files;
        this.flusher = flusher;
    }

    void start() {
        thread = Thread.ofPlatform().daemon().name("qsfs-write-behind").start(this::run);
    }

    /** Ends the thread when everything in its queue is in the log; from then on writers do it themselves. */
    void stop() {
        Thread running = thread;
        thread = null;
        if (running == null) {
            return;
        }
        // never by an interrupt, which would close the log's files under it
        queue.add(Optional.empty());
        try {
            running.join(END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return false when the caller has to flush the file itself */
    boolean take(FileData file) {
        if (thread == null) {
            return false;
        }
        if (file.queued.compareAndSet(false, true)) {
            queue.add(Optional.of(files.acquire(file.inode())));
        }
        return true;
    }

    private void run() {
        try {
            for (Optional<FileData> next = queue.take(); next.isPresent(); next = queue.take()) {
                flush(next.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            thread = null;
        }
    }

    private void flush(FileData file) {
        file.queued.set(false);
        try {
            flusher.flush(file);
        } catch (FsException | RuntimeException e) {
            // the flusher has made the volume read-only: whoever writes, syncs or closes is told
            LOG.error("written bytes of inode {} did not get into the log: {}", file.inode(), e.getMessage());
        } finally {
            files.release(file);
        }
    }
}
