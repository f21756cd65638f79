package org.qsfs.stor.rekey;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.ShardTarget;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.flow.ForegroundWork;
import org.qsfs.stor.flow.MemoryBudget;
import org.qsfs.stor.flow.SegmentLocks;
import org.qsfs.stor.read.SegmentReader;
import org.qsfs.stor.segment.ObsoleteShard;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encrypts stored segments again, under the current master key. A segment gets a new attempt beside the old one, on the same backends, and the record changes from one to the other in one commit;
 * until then readers use the old shards, afterwards these are garbage. Before the first value is written the record names the new shards as garbage too, so that a crash leaves nothing behind.
 *
 * <p>Only segments that are STORED: what lacks a shard is repaired first. Thread-safe.
 */
public final class Reencryption {
    private static final Logger LOG = LoggerFactory.getLogger(Reencryption.class);

    private final SegmentCatalog catalog;
    private final BackendPool pool;
    private final VolumeKeys keys;
    private final Codecs codecs;
    private final SegmentReader reader;
    private final SegmentLocks locks;
    private final MemoryBudget memory;
    private final ForegroundWork foreground;
    private final InstantSource clock;

    public Reencryption(
            SegmentCatalog catalog,
            BackendPool pool,
            VolumeKeys keys,
            Codecs codecs,
            SegmentReader reader,
            SegmentLocks locks,
            MemoryBudget memory,
            ForegroundWork foreground,
            InstantSource clock) {
        this.catalog = catalog;
        this.pool = pool;
        this.keys = keys;
        this.codecs = codecs;
        this.reader = reader;
        this.locks = locks;
        this.memory = memory;
        this.foreground = foreground;
        this.clock = clock;
    }

    /** Hears how far it is. */
    public interface Progress {
        void at(long done, long total);
    }

    /**
     * What a run came to.
     *
     * @param done segments that are under the current key now and were not before
     * @param left segments that are still under an older one; a later run tries again
     */
    public record Outcome(long done, long left) {}

    /** One pass over all segments of older keys. */
    public Outcome run(Progress progress) throws IOException, InterruptedException {
        List<SegmentId> old = older();
        long done = 0;
        for (SegmentId id : old) {
            progress.at(done, old.size());
            try {
                done += reencrypt(id) ? 1 : 0;
            } catch (StorException.NotWriter | StorException.CatalogFailed noUse) {
                throw noUse;
            } catch (IOException | ZdbException failed) {
                LOG.warn("segment {} stays under its old key for now: {}", id, failed.getMessage());
            }
        }
        return new Outcome(done, older().size());
    }

    /** Segments under older keys. */
    private List<SegmentId> older() throws StorException {
        int current = keys.currentVersion();
        return catalog.all().stream()
                .filter(record -> record.state().readable() && record.keyVersion() < current)
                .map(SegmentRecord::id)
                .toList();
    }

    /** @return false when it cannot be done now */
    private boolean reencrypt(SegmentId id) throws IOException, InterruptedException {
        locks.lock(id);
        try {
            Optional<SegmentRecord> found = catalog.find(id);
            if (found.isEmpty() || found.get().state() != StoredState.STORED) {
                return false;
            }
            SegmentRecord before = found.get();
            List<ShardTarget> targets = writable(before);
            if (targets.isEmpty()) {
                return false;
            }
            try (StripeCodec codec = codecs.begin(id, before.policy(), before.layout())) {
                SegmentRecord intended = intended(before, codec, targets);
                catalog.put(intended);
                boolean complete = false;
                try {
                    for (int stripe = 0; stripe < before.layout().stripes(); stripe++) {
                        copy(before, codec, stripe, targets);
                    }
                    complete = true;
                } finally {
                    if (!complete) {
                        catalog.leave(intended, intended(before, codec, targets));
                    }
                }
                catalog.put(changed(before, codec, targets));
            }
            return true;
        } finally {
            locks.unlock(id);
        }
    }

    /** The backends of a record by shard, for a new attempt; empty when one of them cannot be written to. */
    private List<ShardTarget> writable(SegmentRecord record) {
        List<ShardTarget> targets = new ArrayList<>();
        for (ShardPlace place : record.shards()) {
            Optional<Backend> backend = pool.find(place.backend())
                    .filter(found -> found.identified() && found.state().writable());
            if (backend.isEmpty()) {
                return List.of();
            }
            targets.add(ShardTarget.fresh(backend.get()));
        }
        return targets;
    }

    /** The record with the new shards as garbage. */
    private static SegmentRecord intended(SegmentRecord before, StripeCodec codec, List<ShardTarget> targets) {
        List<ObsoleteShard> garbage = new ArrayList<>(before.obsolete());
        for (int shard = 0; shard < targets.size(); shard++) {
            ShardTarget target = targets.get(shard);
            garbage.add(new ObsoleteShard(
                    codec.attempt().id(),
                    shard,
                    before.layout().stripes(),
                    target.backend().id(),
                    target.keys()));
        }
        return before.with(before.shards(), before.lastWrite(), garbage);
    }

    private void copy(SegmentRecord before, StripeCodec codec, int stripe, List<ShardTarget> targets)
            throws IOException, InterruptedException {
        foreground.yieldToReads();
        long bytes = StripeCodec.memory(
                before.layout().stripeSize(),
                before.policy().minimalShards(),
                before.policy().expectedShards());
        try (MemoryBudget.Reservation reserved = memory.reserve(bytes)) {
            LOG.trace("{} reserved for stripe {} of {}", reserved, stripe, before.id());
            byte[] plain = reader.load(before, stripe);
            byte[][] values = codec.encode(stripe, plain);
            write(codec, stripe, values, targets);
        }
    }

    private static void write(StripeCodec codec, int stripe, byte[][] values, List<ShardTarget> targets)
            throws IOException, InterruptedException {
        List<Future<?>> writes = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int shard = 0; shard < values.length; shard++) {
                ShardTarget target = targets.get(shard);
                byte[] value = values[shard];
                ShardName name =
                        new ShardName(codec.attempt().volume(), codec.attempt().id(), stripe, shard);
                writes.add(threads.submit(() -> target.write(name, value)));
            }
            for (Future<?> write : writes) {
                write.get();
            }
        } catch (ExecutionException failed) {
            throw new IOException("writing a shard failed: " + failed.getMessage(), failed);
        }
    }

    /** The record of the new attempt, with the old one as garbage. */
    private SegmentRecord changed(SegmentRecord before, StripeCodec codec, List<ShardTarget> targets) {
        List<ObsoleteShard> garbage = new ArrayList<>(before.obsolete());
        List<ShardPlace> places = new ArrayList<>();
        for (int shard = 0; shard < before.shards().size(); shard++) {
            ShardPlace place = before.shards().get(shard);
            garbage.add(new ObsoleteShard(
                    before.attempt(), shard, before.layout().stripes(), place.backend(), place.keys()));
            places.add(new ShardPlace(
                    place.backend(), ShardState.PRESENT, targets.get(shard).keys()));
        }
        return new SegmentRecord(
                before.id(),
                StoredState.STORED,
                codec.attempt().id(),
                codec.attempt().keyVersion(),
                before.policy(),
                before.layout(),
                before.sha256(),
                clock.instant(),
                places,
                garbage);
    }
}
