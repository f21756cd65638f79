package org.qsfs.metadata.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.Condition;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.Mutation;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.Election;
import org.qsfs.metadata.writer.HolderRecord;

/**
 * A catalog in a directory of this machine. Several processes, and several instances in one process, may use it at once.
 *
 * <pre>
 * DIR/catalog.log          every commit ({@link CommitLog})
 * DIR/catalog.lock         locked while somebody writes
 * DIR/writer-TOKEN.lock    locked as long as the process that holds the lease lives
 * </pre>
 *
 * <p>A commit costs one fsync. A crash leaves the state after some commit, at least the last one that returned.
 */
public final class LocalCatalog implements Catalog {

    /** How long a call waits for other processes. */
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(10);

    private static final long COMPACT_FROM_BYTES = 4L * 1024 * 1024;
    private static final long RESERVE_BYTES = 1024 * 1024;
    private static final int PAGE = 256;
    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(1);

    private final Path directory;
    private final Duration deadline;
    private final ExclusiveFile lock;
    private final CommitLog log;
    private final ReadWriteLock guard = new ReentrantReadWriteLock();
    private final Set<LocalWriterLease> leases = ConcurrentHashMap.newKeySet();
    private final Thread watcher;
    private volatile boolean closed;

    private LocalCatalog(Path directory, Duration deadline, ExclusiveFile lock, CommitLog log) {
        this.directory = directory;
        this.deadline = deadline;
        this.lock = lock;
        this.log = log;
        this.watcher = Thread.ofVirtual().name("catalog watcher " + directory).start(this::watch);
    }

    public static LocalCatalog open(Path directory) {
        return open(directory, DEFAULT_DEADLINE);
    }

    /**
     * Opens the catalog of a directory, creating both when missing.
     *
     * @param deadline how long a call may wait for other processes
     * @throws CatalogException.Corrupt when the file is damaged
     */
    public static LocalCatalog open(Path directory, Duration deadline) {
        return open(directory, deadline, COMPACT_FROM_BYTES);
    }

    static LocalCatalog open(Path directory, Duration deadline, long compactFrom) {
        try {
            Files.createDirectories(directory);
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
                return new LocalCatalog(directory, deadline, lock, log);
            } finally {
                if (!done) {
                    lock.close();
                }
            }
        } catch (IOException e) {
            throw failed(directory, "open", e);
        }
    }

    @Override
    public Optional<CatalogEntry> get(String key) {
        CatalogKeys.check(key);
        return reading(() -> log.read(key));
    }

    @Override
    public void scan(String prefix, Consumer<CatalogEntry> consumer) {
        String from = CatalogKeys.checkPrefix(prefix);
        boolean first = true;
        List<CatalogEntry> page;
        do {
            String start = from;
            boolean inclusive = first;
            page = reading(() -> log.page(start, inclusive, prefix, PAGE));
            page.forEach(consumer);
            if (!page.isEmpty()) {
                from = page.getLast().key();
                first = false;
            }
        } while (page.size() == PAGE);
    }

    @Override
    public OptionalLong commit(CatalogTransaction transaction) {
        return writing(() -> {
            for (Condition condition : transaction.conditions()) {
                if (!holds(condition)) {
                    return OptionalLong.empty();
                }
            }
            return OptionalLong.of(append(transaction.mutations()));
        });
    }

    private boolean holds(Condition condition) {
        return switch (condition) {
            case Condition.Absent absent -> log.revisionOf(absent.key()) == 0;
            case Condition.AtRevision at -> log.revisionOf(at.key()) == at.revision();
            case Condition.Held held -> isHolder(held.lease());
        };
    }

    private boolean isHolder(WriterLease lease) {
        if (!(lease instanceof LocalWriterLease ours) || ours.catalog() != this) {
            throw new IllegalArgumentException("the lease of " + lease.holder() + " is not from this catalog");
        }
        if (log.revisionOf(CatalogKeys.HOLDER) != ours.holderRevision()) {
            ours.lose("another writer took over");
        }
        return ours.isHeld();
    }

    private long append(List<Mutation> mutations) throws IOException {
        long revision = log.revision() + 1;
        List<LogRecord.Change> changes = new ArrayList<>();
        for (Mutation mutation : mutations) {
            switch (mutation) {
                case Mutation.Put put -> changes.add(new LogRecord.Put(put.key(), revision, put.value()));
                case Mutation.Delete delete -> changes.add(new LogRecord.Delete(delete.key(), revision));
            }
        }
        log.append(new LogRecord(revision, changes));
        return revision;
    }

    @Override
    public void checkWritable() {
        writing(() -> {
            log.checkWritable();
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free < RESERVE_BYTES) {
                throw new CatalogException.Full(this + ": the disk has " + free + " bytes left; free some space", null);
            }
            return free;
        });
    }

    @Override
    public WriterLease acquire(LeaseRequest request) {
        return writing(() -> {
            Election won = Election.decide(
                    toString(), request, log.read(CatalogKeys.EPOCH), log.read(CatalogKeys.HOLDER), this::isAlive);
            ExclusiveFile alive = ExclusiveFile.open(aliveFile(won.holder().token()));
            boolean done = false;
            try {
                if (!alive.tryLock()) {
                    throw new IOException("a new lock file is locked");
                }
                List<Mutation> mutations = new ArrayList<>(won.transaction().mutations());
                mutations.add(new Mutation.Put(CatalogKeys.HOLDER, won.holder().toBytes()));
                LocalWriterLease lease = new LocalWriterLease(this, won.holder(), append(mutations), alive);
                leases.add(lease);
                done = true;
                return lease;
            } finally {
                if (!done) {
                    alive.delete();
                    alive.close();
                }
            }
        });
    }

    /** Whether the process that wrote a holder record lives. The lock of a dead one is free. */
    private boolean isAlive(HolderRecord holder) {
        Path file = aliveFile(holder.token());
        if (!Files.exists(file)) {
            return false;
        }
        try (ExclusiveFile probe = ExclusiveFile.open(file)) {
            boolean dead = probe.tryLock();
            if (dead) {
                probe.delete();
            }
            return !dead;
        } catch (IOException e) {
            throw failed(directory, "look for the holder of the lease", e);
        }
    }

    private Path aliveFile(String token) {
        return directory.resolve("writer-" + token + ".lock");
    }

    /** Called when a lease is over, for whatever reason. */
    void over(LocalWriterLease lease) {
        leases.remove(lease);
    }

    /** Removes the holder key if it is still this lease's. */
    void forget(LocalWriterLease lease) {
        try {
            writing(() -> log.revisionOf(CatalogKeys.HOLDER) == lease.holderRevision()
                    ? append(List.of(new Mutation.Delete(CatalogKeys.HOLDER)))
                    : 0);
        } catch (CatalogException e) {
            // the lock file goes in any case, which is enough for others to see that we are gone
        }
    }

    /** Finds out about a takeover even when nothing is committed. */
    private void watch() {
        while (!closed) {
            try {
                Thread.sleep(WATCH_INTERVAL);
                for (LocalWriterLease lease : Set.copyOf(leases)) {
                    long revision =
                            get(CatalogKeys.HOLDER).map(CatalogEntry::revision).orElse(0L);
                    if (revision != lease.holderRevision()) {
                        lease.lose("another writer took over");
                    }
                }
            } catch (InterruptedException e) {
                return;
            } catch (CatalogException e) {
                // the next commit will say so
            }
        }
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T reading(Work<T> work) {
        guard.readLock().lock();
        try {
            checkOpen();
            if (!log.isStale()) {
                return work.run();
            }
        } catch (IOException e) {
            throw failed(directory, "read", e);
        } finally {
            guard.readLock().unlock();
        }
        return writing(work); // takes in first what other processes have written
    }

    private <T> T writing(Work<T> work) {
        guard.writeLock().lock();
        try {
            checkOpen();
            take(directory, lock, deadline);
            try {
                log.refresh();
                return work.run();
            } finally {
                lock.unlock();
            }
        } catch (IOException e) {
            throw failed(directory, "write", e);
        } finally {
            guard.writeLock().unlock();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
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
            if (closed) {
                return;
            }
            closed = true;
            watcher.interrupt();
            Set.copyOf(leases).forEach(lease -> lease.lose("the catalog was closed"));
            log.close();
            lock.close();
        } catch (IOException e) {
            throw failed(directory, "close", e);
        } finally {
            guard.writeLock().unlock();
        }
    }

    @Override
    public String toString() {
        return "catalog " + directory;
    }
}
