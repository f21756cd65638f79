package org.qsfs.stor.deletion;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.qsfs.metadata.Catalog;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.catalog.SavedState;
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

    private final SavedState state;
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
        this.state = new SavedState(records, catalog, "the collection of orphans");
        this.pool = pool;
        this.collection = collection;
        this.counters = counters;
        this.interval = interval;
        this.random = random;
        this.clock = clock;
        this.late = random.nextDouble(JITTER);
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
        Optional<byte[]> bytes = state.read(LastCollection.KEY);
        return bytes.isEmpty() ? Optional.empty() : Optional.of(LastCollection.decode(bytes.get()));
    }

    private void write(LastCollection last) throws StorException {
        state.write(LastCollection.KEY, last.encode());
    }
}
