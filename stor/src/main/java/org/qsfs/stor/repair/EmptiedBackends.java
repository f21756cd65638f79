package org.qsfs.stor.repair;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.flow.SegmentLocks;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Backends that were found without the marker that this volume had put there: they were replaced by empty ones, or are new. What the records say is on them is recorded
 * as missing, so that the repairer fills them again, also after a restart. Nothing is lost by that if the shards are there after all: the repairer looks before it makes
 * one again.
 */
final class EmptiedBackends {
    private static final Logger LOG = LoggerFactory.getLogger(EmptiedBackends.class);

    private final BackendPool pool;
    private final SegmentCatalog catalog;
    private final SegmentLocks locks;
    private final Introduction introduction;

    EmptiedBackends(BackendPool pool, SegmentCatalog catalog, SegmentLocks locks, Introduction introduction) {
        this.introduction = introduction;
        this.pool = pool;
        this.catalog = catalog;
        this.locks = locks;
    }

    /** Records what is missing; segments that somebody else works on are left for the next time. */
    void record() throws StorException, InterruptedException {
        for (Backend backend : pool.all()) {
            Optional<Instant> emptyAt = backend.foundEmpty();
            if (emptyAt.isPresent() && introduction.introduce(backend) && record(backend, emptyAt.get())) {
                backend.emptinessRecorded();
            }
        }
    }

    private boolean record(Backend backend, Instant emptyAt) throws StorException {
        boolean all = true;
        int shards = 0;
        for (SegmentRecord seen : catalog.all()) {
            if (seen.state().readable() && !without(seen, backend, emptyAt).equals(seen)) {
                if (locks.tryLock(seen.id())) {
                    try {
                        SegmentRecord record = catalog.require(seen.id());
                        if (record.state().readable()) {
                            catalog.put(without(record, backend, emptyAt));
                            shards++;
                        }
                    } finally {
                        locks.unlock(seen.id());
                    }
                } else {
                    all = false;
                }
            }
        }
        if (shards > 0) {
            LOG.warn("backend {} came back empty: {} shards are made again", backend.id(), shards);
        }
        return all;
    }

    private static SegmentRecord without(SegmentRecord record, Backend backend, Instant emptyAt) {
        if (record.lastWrite().isAfter(emptyAt)) {
            return record;
        }
        List<ShardPlace> places = new ArrayList<>(record.shards());
        places.replaceAll(place -> place.backend().equals(backend.id()) && place.state() == ShardState.PRESENT
                ? place.with(ShardState.MISSING)
                : place);
        return record.withPlaces(places);
    }
}
