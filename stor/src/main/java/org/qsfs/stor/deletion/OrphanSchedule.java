package org.qsfs.stor.deletion;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.segment.StorException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects orphans from time to time, when every backend answers. One is due when the interval and up to a tenth of it, by chance, have passed since the last one began; so the volumes of a
 * site do not list the same servers at the same time. A collection that was refused or did not reach everything is not repeated before the next one is due.
 *
 * <p>For one thread.
 */
public final class OrphanSchedule {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanSchedule.class);
    private static final double JITTER = 0.1;

    private final Catalog records;
    private final SegmentCatalog catalog;
    private final BackendPool pool;
    private final Collection collection;
    private final OrphanCounters counters;
    private final Supplier<Duration> interval;
    private final RandomGenerator random;
    private final InstantSource clock;
    private double late;

    /** Does it. */
    @FunctionalInterface
    public interface Collection {
        /** @throws StorException.Conflict when the records may not be complete */
        void run() throws IOException, InterruptedException;
    }

    /** @param interval zero for never */
    public OrphanSchedule(
            Catalog records,
            SegmentCatalog catalog,
            BackendPool pool,
            Collection collection,
            OrphanCounters counters,
            Supplier<Duration> interval,
            RandomGenerator random,
            InstantSource clock) {
        this.records = records;
        this.catalog = catalog;
        this.pool = pool;
        this.collection = collection;
        this.counters = counters;
        this.interval = interval;
        this.random = random;
        this.clock = clock;
        this.late = random.nextDouble(JITTER);
    }

    /** Does what is due, again and again, until the thread is interrupted. */
    public void repeat(Duration pause) {
        try {
            while (true) {
                Thread.sleep(pause);
                try {
                    runDue();
                } catch (IOException | RuntimeException failed) {
                    LOG.warn("collecting orphans failed and will be tried again: {}", failed.toString());
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /** Collects if that is due. */
    public void runDue() throws IOException, InterruptedException {
        Duration every = interval.get();
        if (!every.isPositive()) {
            return;
        }
        Optional<LastCollection> last = read();
        if (last.isEmpty()) {
            write(new LastCollection(clock.instant()));
            return;
        }
        counters.scheduled(last.get().begun());
        Instant due = last.get().begun().plus(every).plusMillis((long) (late * every.toMillis()));
        if (!due.isAfter(clock.instant()) && pool.all().stream().allMatch(OrphanSchedule::answers)) {
            late = random.nextDouble(JITTER);
            LastCollection now = new LastCollection(clock.instant());
            write(now);
            counters.scheduled(now.begun());
            try {
                collection.run();
            } catch (StorException.Conflict incomplete) {
                counters.refused();
                LOG.warn("orphans are not collected: {}", incomplete.getMessage());
            }
        }
    }

    private static boolean answers(Backend backend) {
        return backend.identified()
                && (backend.state() == BackendState.HEALTHY || backend.state() == BackendState.FULL);
    }

    private Optional<LastCollection> read() throws StorException {
        try {
            Optional<CatalogEntry> entry = records.get(LastCollection.KEY);
            return entry.isEmpty()
                    ? Optional.empty()
                    : Optional.of(LastCollection.decode(entry.get().value()));
        } catch (CatalogException failed) {
            throw new StorException.CatalogFailed(
                    "reading when orphans were collected failed: " + failed.getMessage(), failed);
        }
    }

    private void write(LastCollection last) throws StorException {
        try {
            CatalogTransaction transaction = CatalogTransaction.begin()
                    .ifHeld(catalog.requireWriter())
                    .put(LastCollection.KEY, last.encode())
                    .build();
            if (records.commit(transaction).isEmpty()) {
                throw new StorException.NotWriter("orphans are not collected: the writer's lease is lost");
            }
        } catch (CatalogException failed) {
            throw new StorException.CatalogFailed(
                    "saving when orphans were collected failed: " + failed.getMessage(), failed);
        }
    }
}
