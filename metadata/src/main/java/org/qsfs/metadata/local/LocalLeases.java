package org.qsfs.metadata.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.Mutation;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.Election;
import org.qsfs.metadata.writer.HolderRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leases given out by one instance. Whoever holds one has the file {@code writer-TOKEN.lock} locked, with the token of the
 * holder record, until its process ends. Thread-safe.
 */
final class LocalLeases implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalLeases.class);
    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(1);

    private final SharedLog log;
    private final Set<LocalWriterLease> held = ConcurrentHashMap.newKeySet();
    private final Thread watcher;

    LocalLeases(SharedLog log) {
        this.log = log;
        this.watcher =
                Thread.ofVirtual().name("catalog watcher " + log.directory()).start(this::watch);
    }

    LocalWriterLease acquire(String catalog, LeaseRequest request) {
        return log.write(state -> {
            Election won = Election.decide(
                    catalog, request, state.read(CatalogKeys.EPOCH), state.read(CatalogKeys.HOLDER), this::isAlive);
            ExclusiveFile alive = ExclusiveFile.open(aliveFile(won.holder().token()));
            boolean done = false;
            try {
                if (!alive.tryLock()) {
                    throw new IOException("a new lock file is locked");
                }
                List<Mutation> mutations = new ArrayList<>(won.transaction().mutations());
                mutations.add(new Mutation.Put(CatalogKeys.HOLDER, won.holder().toBytes()));
                LocalWriterLease lease = new LocalWriterLease(this, won.holder(), state.append(mutations), alive);
                held.add(lease);
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

    /**
     * Whether a lease is valid; if not, it learns so.
     *
     * @throws IllegalArgumentException when it is not one of ours
     */
    boolean isValid(WriterLease lease, CommitLog state) {
        if (!(lease instanceof LocalWriterLease ours) || ours.origin() != this) {
            throw new IllegalArgumentException("the lease of " + lease.holder() + " is not from this catalog");
        }
        if (state.revisionOf(CatalogKeys.HOLDER) != ours.holderRevision()) {
            ours.lose("another writer took over");
        }
        return ours.isHeld();
    }

    /** Called when a lease was lost. */
    void lost(LocalWriterLease lease) {
        held.remove(lease);
    }

    /** Called when a lease was released: removes the holder key if it is still this lease's. */
    void released(LocalWriterLease lease) {
        held.remove(lease);
        try {
            log.write(state -> state.revisionOf(CatalogKeys.HOLDER) == lease.holderRevision()
                    ? state.append(List.of(new Mutation.Delete(CatalogKeys.HOLDER)))
                    : 0);
        } catch (CatalogException e) {
            // the lock file goes in any case, which is enough for others to see that we are gone
        }
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
            throw new UncheckedIOException(e);
        }
    }

    private Path aliveFile(String token) {
        return log.directory().resolve("writer-" + token + ".lock");
    }

    /** Finds out about a takeover even when nothing is committed. */
    private void watch() {
        boolean readable = true;
        while (!log.isClosed()) {
            try {
                Thread.sleep(WATCH_INTERVAL);
                for (LocalWriterLease lease : Set.copyOf(held)) {
                    log.read(state -> isValid(lease, state));
                }
                readable = true;
            } catch (InterruptedException e) {
                return;
            } catch (CatalogException | IllegalStateException e) {
                if (readable && !log.isClosed()) {
                    LOG.warn("the catalog in {} cannot be read: {}", log.directory(), e.getMessage());
                }
                readable = false;
            }
        }
    }

    /** Ends every lease, as the end of the process would. */
    @Override
    public void close() {
        watcher.interrupt();
        Set.copyOf(held).forEach(lease -> lease.lose("the catalog was closed"));
    }
}
