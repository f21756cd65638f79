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

    private static final long MAX_NAP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final EtcdLeases origin;
    private final HolderRecord record;
    private final long holderRevision;
    private final Grant grant;
    private final BootClock clock;
    private final LeaseState state = new LeaseState();
    private final Thread keeper;
    private volatile long validUntil;

    /**
     * A lease of etcd.
     *
     * @param sent when it was asked for, by the lease's clock
     */
    record Grant(long id, Duration ttl, long sent) {}

    EtcdWriterLease(EtcdLeases origin, HolderRecord record, long holderRevision, Grant grant, BootClock clock) {
        this.origin = origin;
        this.record = record;
        this.holderRevision = holderRevision;
        this.grant = grant;
        this.clock = clock;
        this.validUntil = grant.sent() + grant.ttl().toNanos();
        this.keeper = Thread.ofPlatform()
                .daemon()
                .name("catalog lease " + record.holder())
                .unstarted(this::keep);
    }

    void start() {
        keeper.start();
    }

    EtcdLeases origin() {
        return origin;
    }

    /** The revision at which we became the holder; another one means that somebody else is. */
    long holderRevision() {
        return holderRevision;
    }

    void lose(String reason) {
        log.warn("{}: lost the lease of epoch {}: {}", origin, record.epoch(), reason);
        state.lose(reason);
        origin.lost(this);
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
            lose("it could not be renewed for " + grant.ttl().toSeconds() + " s");
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
            origin.released(this, grant.id());
        }
    }

    private void keep() {
        long third = grant.ttl().toNanos() / 3;
        long renewal = clock.nanos() + third;
        long cleaning = clock.nanos() + EtcdHousekeeping.INTERVAL.toNanos();
        while (isHeld()) {
            // short naps, because the timers of the JVM stand still during suspend and the clock does not
            LockSupport.parkNanos(this, Math.clamp(renewal - clock.nanos(), 1, MAX_NAP_NANOS));
            if (isHeld() && clock.nanos() - renewal >= 0) {
                renewal = clock.nanos() + (renew() ? third : third / 4);
            }
            if (isHeld() && clock.nanos() - cleaning >= 0) {
                cleaning = clock.nanos() + EtcdHousekeeping.INTERVAL.toNanos();
                Thread.ofVirtual().name("catalog housekeeping").start(origin::keepHouse);
            }
        }
    }

    /** @return false when it did not succeed and should be tried again soon */
    private boolean renew() {
        long sent = clock.nanos();
        try {
            if (!origin.keepAlive(grant.id(), grant.ttl().dividedBy(3))) {
                lose("it expired");
                return true;
            }
            validUntil = sent + grant.ttl().toNanos();
            if (!origin.isHolder(this)) {
                lose("another writer took over");
            }
            return true;
        } catch (CatalogException | IllegalStateException e) {
            if (state.isHeld()) { // otherwise the catalog was closed meanwhile
                log.warn("{}: cannot renew the lease: {}", origin, e.getMessage());
            }
            return false;
        }
    }
}
