package org.qsfs.metadata.zdb;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.LeaseHeldException;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.Election;
import org.qsfs.metadata.writer.HolderRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leases given out by one instance. A lease does not expire: zdb cannot tell whether a writer is alive, so another one begins only when an operator says so. A thread looks from time to time
 * whether somebody did, and repairs namespaces that lack something. Thread-safe.
 */
final class ZdbLeases implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ZdbLeases.class);
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);
    private static final int LOOKS_PER_REPAIR = 10;

    private final ZdbCatalog catalog;
    private final Set<ZdbWriterLease> held = ConcurrentHashMap.newKeySet();
    private final Thread watcher;
    private volatile boolean closed;

    ZdbLeases(ZdbCatalog catalog) {
        this.catalog = catalog;
        this.watcher = Thread.ofVirtual().name("catalog zdb watcher").start(this::watch);
    }

    ZdbWriterLease acquire(LeaseRequest request) {
        return catalog.alone(() -> {
            ZdbState.View view = catalog.settled();
            Election won = Election.decide(
                    catalog.toString(),
                    request,
                    ZdbCatalog.ofWriter(view.writer(), CatalogKeys.EPOCH),
                    ZdbCatalog.ofWriter(view.writer(), CatalogKeys.HOLDER),
                    anybody -> true);
            catalog.state().write(new WriterRecord(won.epoch(), view.revision() + 1, won.holder()));
            WriterRecord now = catalog.state().writer();
            HolderRecord other = now.holder();
            if (!now.isHeldBy(won.holder().token()) && other != null) {
                throw new LeaseHeldException(catalog.toString(), other.holder(), other.since());
            }
            ZdbWriterLease lease = new ZdbWriterLease(this, won.holder());
            held.add(lease);
            return lease;
        });
    }

    /**
     * Whether a lease is valid; if not, it learns so.
     *
     * @throws IllegalArgumentException when it is not one of ours
     */
    boolean isValid(WriterLease lease, WriterRecord writer) {
        if (!(lease instanceof ZdbWriterLease ours) || ours.origin() != this) {
            throw new IllegalArgumentException("the lease of " + lease.holder() + " is not from this catalog");
        }
        if (!writer.isHeldBy(ours.token())) {
            ours.lose("another writer took over");
        }
        return ours.isHeld();
    }

    void lost(ZdbWriterLease lease) {
        held.remove(lease);
    }

    /** Writes that nobody is the writer, if it is still this lease's holder. */
    void released(ZdbWriterLease lease) {
        held.remove(lease);
        try {
            catalog.alone(() -> {
                ZdbState.View view = catalog.settled();
                if (view.writer().isHeldBy(lease.token())) {
                    catalog.state().write(new WriterRecord(view.writer().epoch(), view.revision() + 1, null));
                }
                return true;
            });
        } catch (CatalogException e) {
            log.warn(
                    "{}: the lease of {} could not be given back; its next mount goes on, another machine needs --takeover: {}",
                    catalog,
                    lease.holder(),
                    e.getMessage());
        }
    }

    private void watch() {
        int looks = 0;
        while (!closed) {
            try {
                Thread.sleep(LOOK_INTERVAL);
                if (!held.isEmpty()) {
                    WriterRecord writer = catalog.state().writer();
                    Set.copyOf(held).forEach(lease -> isValid(lease, writer));
                    if (!held.isEmpty() && catalog.repairNeeded() && ++looks % LOOKS_PER_REPAIR == 0) {
                        catalog.repair();
                    }
                }
            } catch (InterruptedException e) {
                return;
            } catch (CatalogException e) {
                log.debug("{}: {}", catalog, e.getMessage());
            }
        }
    }

    /** Ends every lease without giving it back, as the end of the process would. */
    @Override
    public void close() {
        closed = true;
        watcher.interrupt();
        Set.copyOf(held).forEach(lease -> lease.lose("the catalog was closed"));
    }
}
