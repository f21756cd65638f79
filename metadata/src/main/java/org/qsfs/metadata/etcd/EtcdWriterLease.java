package org.qsfs.metadata.etcd;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.BootClock;
import org.qsfs.metadata.writer.HolderRecord;
import org.qsfs.metadata.writer.LeaseState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hangs on a lease of etcd that a thread of its own renews every third of its life.
 *
 * <p>It counts as held only until one lifetime after the last successful renewal was <em>sent</em>, by a clock that counts
 * suspend. etcd lets it live at least that long, so we know of the loss before anybody else can become the writer.
 */
final class EtcdWriterLease implements WriterLease {

    private static final Logger log = LoggerFactory.getLogger(EtcdWriterLease.class);

    private final EtcdCatalog catalog;
    private final HolderRecord record;
    private final long leaseId;
    private final long holderRevision;
    private final Duration ttl;
    private final BootClock clock;
    private final LeaseState state = new LeaseState();
    private final Thread keeper;
    private volatile long validUntil;

    /** @param granted when the lease was asked for, by {@code clock} */
    EtcdWriterLease(
            EtcdCatalog catalog,
            HolderRecord record,
            long leaseId,
            long holderRevision,
            Duration ttl,
            BootClock clock,
            long granted) {
        this.catalog = catalog;
        this.record = record;
        this.leaseId = leaseId;
        this.holderRevision = holderRevision;
        this.ttl = ttl;
        this.clock = clock;
        this.validUntil = granted + ttl.toNanos();
        this.keeper = Thread.ofPlatform()
                .daemon()
                .name("catalog lease " + record.holder())
                .unstarted(this::keep);
    }

    void start() {
        keeper.start();
    }

    EtcdCatalog catalog() {
        return catalog;
    }

    /** The revision at which we became the holder; another one means that somebody else is. */
    long holderRevision() {
        return holderRevision;
    }

    void lose(String reason) {
        log.warn("{}: lost the lease of epoch {}: {}", catalog, record.epoch(), reason);
        state.lose(reason);
        LockSupport.unpark(keeper);
    }

    @Override
    public long epoch() {
        return record.epoch();
    }

    @Override
    public String holder() {
        return record.holder();
    }

    @Override
    public boolean isHeld() {
        if (state.isHeld() && clock.nanos() - validUntil >= 0) {
            lose("it could not be renewed for " + ttl.toSeconds() + " s");
        }
        return state.isHeld();
    }

    @Override
    public void onLost(Consumer<String> listener) {
        state.onLost(listener);
    }

    @Override
    public void release() {
        if (state.release()) {
            LockSupport.unpark(keeper);
            catalog.giveUp(this, leaseId);
        }
    }

    private void keep() {
        long third = ttl.toNanos() / 3;
        long next = clock.nanos() + third;
        while (isHeld()) {
            // short naps, because the timers of the JVM stand still during suspend and the clock does not
            LockSupport.parkNanos(this, Math.min(TimeUnit.SECONDS.toNanos(1), Math.max(1, next - clock.nanos())));
            if (!isHeld() || clock.nanos() - next < 0) {
                continue;
            }
            next = clock.nanos() + (renew() ? third : third / 4);
        }
    }

    /** @return false when it did not succeed and should be tried again soon */
    private boolean renew() {
        long sent = clock.nanos();
        try {
            if (!catalog.keepAlive(leaseId, Duration.ofNanos(ttl.toNanos() / 3))) {
                lose("it expired");
                return true;
            }
            validUntil = sent + ttl.toNanos();
            if (!catalog.isHolder(this)) {
                lose("another writer took over");
            }
            return true;
        } catch (CatalogException e) {
            log.warn("{}: cannot renew the lease: {}", catalog, e.getMessage());
            return false;
        }
    }
}
