package org.qsfs.cli.volume;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.LeaseHeldException;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.SupersededException;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.BootClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets the writer's lease back after it was lost, for instance because the catalog could not be reached for longer than the lease lasts. Meanwhile nothing is published, and the filesystem goes
 * on. When another writer has taken over, or after the grace, the volume has to become read-only. The grace goes on while the machine is suspended.
 *
 * <p>Thread-safe.
 */
final class LeaseKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final Catalog catalog;
    private final Duration grace;
    private final Consumer<WriterLease> regained;
    private final Consumer<String> over;
    private final BootClock clock;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile WriterLease lease;

    /**
     * @param lease held now
     * @param grace how long after a loss the filesystem may still be written
     * @param regained told of each lease that takes the place of a lost one
     * @param over told once, with the reason, when this process is not the writer any more
     */
    LeaseKeeper(
            Catalog catalog, WriterLease lease, Duration grace, Consumer<WriterLease> regained, Consumer<String> over) {
        this(catalog, lease, grace, regained, over, BootClock.system());
    }

    LeaseKeeper(
            Catalog catalog,
            WriterLease lease,
            Duration grace,
            Consumer<WriterLease> regained,
            Consumer<String> over,
            BootClock clock) {
        this.catalog = catalog;
        this.lease = lease;
        this.grace = grace;
        this.regained = regained;
        this.over = over;
        this.clock = clock;
        lease.onLost(this::lost);
    }

    private void lost(String reason) {
        LOG.error("the writer's lease is lost, nothing is published until it is back: {}", reason);
        long deadline = clock.nanos() + grace.toNanos();
        try {
            while (!closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
                if (regain()) {
                    return;
                }
                if (clock.nanos() - deadline > 0) {
                    over.accept("the writer's lease was lost more than " + grace + " ago (lease_grace): " + reason
                            + "; mount again when the catalog can be reached");
                    return;
                }
            }
        } catch (SupersededException | LeaseHeldException e) {
            over.accept("another writer has taken the volume over: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean regain() {
        try {
            WriterLease again =
                    catalog.acquire(new LeaseRequest(lease.holder(), OptionalLong.of(lease.epoch()), false));
            lease = again;
            if (closed.getCount() == 0) {
                again.release();
                return true;
            }
            regained.accept(again);
            again.onLost(this::lost);
            LOG.info("the writer's lease is back, epoch {}", again.epoch());
            return true;
        } catch (SupersededException | LeaseHeldException e) {
            throw e;
        } catch (CatalogException e) {
            LOG.debug("the lease is not back yet: {}", e.toString());
            return false;
        }
    }

    /** Gives the lease up. */
    @Override
    public void close() {
        closed.countDown();
        lease.release();
    }
}
