package org.qsfs.metadata.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.Condition;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.WriterLease;

/**
 * A catalog in a directory of this machine. Several processes, and several instances in one process, may use it at once.
 *
 * <pre>
 * DIR/catalog.log          every commit ({@link LogFile})
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

    private final SharedLog log;
    private final LocalLeases leases;

    private LocalCatalog(SharedLog log) {
        this.log = log;
        this.leases = new LocalLeases(log);
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
        return new LocalCatalog(SharedLog.open(directory, deadline, compactFrom));
    }

    @Override
    public Optional<CatalogEntry> get(String key) {
        CatalogKeys.check(key);
        return log.read(state -> state.read(key));
    }

    @Override
    public void scan(String prefix, Consumer<CatalogEntry> consumer) {
        String from = CatalogKeys.checkPrefix(prefix);
        boolean first = true;
        List<CatalogEntry> page;
        do {
            String start = from;
            boolean inclusive = first;
            page = log.read(state -> state.page(start, inclusive, prefix, PAGE));
            page.forEach(consumer);
            if (!page.isEmpty()) {
                from = page.getLast().key();
                first = false;
            }
        } while (page.size() == PAGE);
    }

    @Override
    public OptionalLong commit(CatalogTransaction transaction) {
        return log.write(state -> {
            for (Condition condition : transaction.conditions()) {
                if (!holds(condition, state)) {
                    return OptionalLong.empty();
                }
            }
            return OptionalLong.of(state.append(transaction.mutations()));
        });
    }

    private boolean holds(Condition condition, CommitLog state) {
        return switch (condition) {
            case Condition.Absent absent -> state.revisionOf(absent.key()) == 0;
            case Condition.AtRevision at -> state.revisionOf(at.key()) == at.revision();
            case Condition.Held held -> leases.isValid(held.lease(), state);
        };
    }

    @Override
    public void checkWritable() {
        log.write(state -> {
            state.checkWritable();
            long free = Files.getFileStore(log.directory()).getUsableSpace();
            if (free < RESERVE_BYTES) {
                throw new CatalogException.Full(this + ": the disk has " + free + " bytes left; free some space", null);
            }
            return free;
        });
    }

    @Override
    public WriterLease acquire(LeaseRequest request) {
        return leases.acquire(toString(), request);
    }

    @Override
    public void close() {
        leases.close();
        log.close();
    }

    @Override
    public String toString() {
        return "catalog " + log.directory();
    }
}
