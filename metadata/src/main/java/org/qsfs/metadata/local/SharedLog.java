package org.qsfs.metadata.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.qsfs.metadata.CatalogException;

/**
 * The commit log of a directory, kept in step with other threads and other processes. Thread-safe.
 */
final class SharedLog implements AutoCloseable {

    private final Path directory;
    private final Duration deadline;
    private final ExclusiveFile lock;
    private final CommitLog log;
    private final ReadWriteLock guard = new ReentrantReadWriteLock();
    private volatile boolean closed;

    private SharedLog(Path directory, Duration deadline, ExclusiveFile lock, CommitLog log) {
        this.directory = directory;
        this.deadline = deadline;
        this.lock = lock;
        this.log = log;
    }

    /** Something to do with the log while nobody else writes it. */
    interface Work<T> {
        T with(CommitLog log) throws IOException;
    }

    static SharedLog open(Path directory, Duration deadline, long compactFrom) {
        try {
            create(directory.toAbsolutePath());
            ExclusiveFile lock = ExclusiveFile.open(directory.resolve("catalog.lock"));
            boolean done = false;
            try {
                take(directory, lock, deadline);
                CommitLog log;
                try {
                    log = CommitLog.open(directory.resolve("catalog.log"), compactFrom);
                } finally {
                    lock.unlock();
                }
                done = true;
                return new SharedLog(directory, deadline, lock, log);
            } finally {
                if (!done) {
                    lock.close();
                }
            }
        } catch (IOException e) {
            throw failed(directory, "open", e);
        }
    }

    /** Creates a directory that survives a power cut: its entry is on disk before anything in it counts. */
    private static void create(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent == null || Files.isDirectory(directory)) {
            return;
        }
        create(parent);
        Files.createDirectories(directory);
        try (FileChannel entries = FileChannel.open(parent, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    Path directory() {
        return directory;
    }

    boolean isClosed() {
        return closed;
    }

    /** Work that changes nothing, on the newest state. */
    <T> T read(Work<T> work) {
        guard.readLock().lock();
        try {
            checkOpen();
            if (!log.isStale()) {
                return work.with(log);
            }
        } catch (IOException e) {
            throw failed(directory, "read", e);
        } finally {
            guard.readLock().unlock();
        }
        return write(work); // takes in first what other processes have written
    }

    /** Work that may append, on the newest state. */
    <T> T write(Work<T> work) {
        guard.writeLock().lock();
        try {
            checkOpen();
            take(directory, lock, deadline);
            try {
                log.refresh();
                return work.with(log);
            } finally {
                lock.unlock();
            }
        } catch (IOException e) {
            throw failed(directory, "write", e);
        } catch (UncheckedIOException e) {
            throw failed(directory, "write", new IOException(e.getMessage(), e));
        } finally {
            guard.writeLock().unlock();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("catalog " + directory + " is closed");
        }
    }

    private static void take(Path directory, ExclusiveFile lock, Duration deadline) throws IOException {
        try {
            if (!lock.lock(System.nanoTime() + deadline.toNanos())) {
                throw new CatalogException.Unavailable(
                        "catalog " + directory + ": another process has locked it for " + deadline
                                + "; is one of them stopped?",
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CatalogException.Unavailable("catalog " + directory + ": interrupted", e);
        }
    }

    private static CatalogException failed(Path directory, String action, IOException e) {
        String message = "catalog " + directory + ": cannot " + action + ": " + e;
        return String.valueOf(e.getMessage()).contains("No space left")
                ? new CatalogException.Full(message + "; free some space on that disk", e)
                : new CatalogException.Failed(message, e);
    }

    @Override
    public void close() {
        guard.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                log.close();
                lock.close();
            }
        } catch (IOException e) {
            throw failed(directory, "close", e);
        } finally {
            guard.writeLock().unlock();
        }
    }
}
