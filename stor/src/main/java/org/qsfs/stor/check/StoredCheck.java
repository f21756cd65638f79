package org.qsfs.stor.check;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.read.DamageReports;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.zdb.client.CheckResult;
import org.qsfs.zdb.client.ZdbException;

/**
 * Decides whether the local copy of a segment may go: every backend has to read every value of its shard and find its checksum right, and a backend that
 * acknowledges before it syncs must have had time to bring the last value to its disk.
 *
 * <p>Thread-safe.
 */
public final class StoredCheck {
    private final VolumeId volume;
    private final BackendPool pool;
    private final Supplier<Duration> settle;
    private final DamageReports damages;
    private final InstantSource clock;

    /** @param settle time after the last write in which a backend without sync may lose it */
    public StoredCheck(
            VolumeId volume, BackendPool pool, Supplier<Duration> settle, DamageReports damages, InstantSource clock) {
        this.volume = volume;
        this.pool = pool;
        this.settle = settle;
        this.damages = damages;
        this.clock = clock;
    }

    /** Whether the segment is safe without its local copy. */
    public boolean confirms(SegmentRecord record) throws InterruptedException {
        if (record.state() != StoredState.STORED) {
            return false;
        }
        List<Backend> backends = new ArrayList<>();
        for (ShardPlace place : record.shards()) {
            Optional<Backend> backend = pool.find(place.backend()).filter(Backend::identified);
            if (backend.isEmpty() || place.state() != ShardState.PRESENT || !settled(record, backend.get())) {
                return false;
            }
            backends.add(backend.get());
        }
        return allAnswer(record, backends);
    }

    private boolean settled(SegmentRecord record, Backend backend) {
        return backend.acknowledgesAfterSync()
                || record.lastWrite().plus(settle.get()).isBefore(clock.instant());
    }

    private boolean allAnswer(SegmentRecord record, List<Backend> backends) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> checks = new ArrayList<>();
            for (int i = 0; i < backends.size(); i++) {
                int shard = i;
                checks.add(threads.submit(() -> hasAll(record, shard, backends.get(shard))));
            }
            boolean all = true;
            for (Future<Boolean> check : checks) {
                all &= check.get();
            }
            return all;
        } catch (ExecutionException failed) {
            throw new IllegalStateException("checking segment " + record.id() + " failed", failed.getCause());
        }
    }

    private boolean hasAll(SegmentRecord record, int shard, Backend backend) {
        try {
            for (int stripe = 0; stripe < record.layout().stripes(); stripe++) {
                ShardName name = new ShardName(volume, record.attempt(), stripe, shard);
                if (backend.check(name, record.shards().get(shard).keys()) != CheckResult.OK) {
                    damages.add(record.id(), shard);
                    return false;
                }
            }
            // ids tell nothing about a namespace that was exchanged meanwhile
            return backend.isSame();
        } catch (ZdbException noAnswer) {
            return false;
        }
    }
}
