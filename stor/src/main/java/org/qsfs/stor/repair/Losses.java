package org.qsfs.stor.repair;

import java.util.ArrayList;
import java.util.List;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Segments of which fewer than k shards are left. They are called LOST only when nobody who might have more of them is merely away, so that the word means something; and
 * they are called DEGRADED again when enough shards turn up, for instance because a backend was brought back from a copy.
 *
 * <p>The caller holds the segment's lock.
 */
final class Losses {
    private static final Logger LOG = LoggerFactory.getLogger(Losses.class);

    private final SegmentCatalog catalog;
    private final BackendPool pool;
    private final org.qsfs.encryption.VolumeId volume;

    Losses(SegmentCatalog catalog, BackendPool pool, org.qsfs.encryption.VolumeId volume) {
        this.catalog = catalog;
        this.pool = pool;
        this.volume = volume;
    }

    /** A repair could not find k good shards: records the segment as lost if no backend that is away can help. */
    void noticed(SegmentRecord record, StorException.Unreadable failure) throws StorException {
        SegmentRecord now = catalog.require(record.id());
        long away = now.shards().stream().filter(this::mayComeBack).count();
        if (now.state().readable() && failure.found() + away < now.policy().minimalShards()) {
            catalog.put(now.with(StoredState.LOST));
            LOG.error(
                    "segment {} is lost: {} good shards are left, {} are needed, {} are on backends that are away. It is kept; a backend that"
                            + " comes back with its shards, or a local copy, brings it back",
                    now.id(),
                    failure.found(),
                    now.policy().minimalShards(),
                    away);
        }
    }

    /** Looks whether the backends have enough shards of a lost segment again. */
    SegmentRecord lookAgain(SegmentRecord lost) throws StorException {
        List<ShardPlace> places = new ArrayList<>(lost.shards());
        for (int shard = 0; shard < places.size(); shard++) {
            places.set(shard, places.get(shard).with(isThere(lost, shard) ? ShardState.PRESENT : ShardState.MISSING));
        }
        SegmentRecord found = lost.with(places, lost.lastWrite(), lost.obsolete());
        if (found.count(ShardState.PRESENT) < lost.policy().minimalShards()) {
            return lost;
        }
        SegmentRecord back = found.with(StoredState.DEGRADED);
        catalog.put(back);
        LOG.info("segment {} is back with {} shards", back.id(), back.count(ShardState.PRESENT));
        return back;
    }

    private boolean mayComeBack(ShardPlace place) {
        return pool.find(place.backend())
                .filter(backend -> !backend.identified()
                        || backend.state() == BackendState.DOWN
                        || backend.state() == BackendState.SUSPECT)
                .isPresent();
    }

    private boolean isThere(SegmentRecord record, int shard) {
        return pool.find(record.shards().get(shard).backend())
                .filter(backend -> backend.identified() && backend.state() != BackendState.DOWN)
                .filter(backend -> hasAll(record, shard, backend))
                .isPresent();
    }

    private boolean hasAll(SegmentRecord record, int shard, Backend backend) {
        try {
            for (int stripe = 0; stripe < record.layout().stripes(); stripe++) {
                ShardName name = new ShardName(volume, record.attempt(), stripe, shard);
                if (backend.check(name, record.shards().get(shard).keys()) != org.qsfs.zdb.client.CheckResult.OK) {
                    return false;
                }
            }
            return true;
        } catch (ZdbException noAnswer) {
            return false;
        }
    }
}
