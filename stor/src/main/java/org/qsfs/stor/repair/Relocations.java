package org.qsfs.stor.repair;

import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.flow.ForegroundWork;
import org.qsfs.stor.flow.RateLimit;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.zdb.client.ZdbClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moving shards that are well to other backends: draining and rebalancing. Thread-safe. */
public final class Relocations {
    private static final Logger LOG = LoggerFactory.getLogger(Relocations.class);

    private final SegmentCatalog catalog;
    private final BackendPool pool;
    private final Relocation relocation;
    private final BackendCopy copy;

    /** @param rate of reading and writing together */
    public Relocations(
            VolumeId volume,
            SegmentCatalog catalog,
            BackendPool pool,
            Codecs codecs,
            ShardRegeneration regeneration,
            ForegroundWork foreground,
            RateLimit rate,
            RandomGenerator random,
            InstantSource clock) {
        this.catalog = catalog;
        this.pool = pool;
        this.copy = new BackendCopy(catalog, codecs, volume, rate);
        this.relocation = new Relocation(
                pool, new ShardMove(catalog, pool, codecs, regeneration, foreground, rate, clock), random);
    }

    Relocation relocation() {
        return relocation;
    }

    /**
     * Moves everything away from a backend that is draining, now.
     *
     * @return shards that are still there, because no other place keeps the policy of their segments, or something failed
     */
    public long drain(Repairer repairer, BackendId backend, Movement.Progress progress)
            throws IOException, InterruptedException {
        List<SegmentId> there = on(backend);
        for (int i = 0; i < there.size(); i++) {
            progress.at(i, there.size());
            try {
                repairer.repair(there.get(i), Set.of());
            } catch (StorException.NotWriter | StorException.CatalogFailed noUse) {
                throw noUse;
            } catch (IOException failed) {
                LOG.warn("draining {}: segment {}: {}", backend, there.get(i), failed.getMessage());
            }
        }
        progress.at(there.size(), there.size());
        return on(backend).size();
    }

    /** See {@link BackendCopy}. */
    public Movement copy(BackendId backend, ZdbClient target, Movement.Progress progress)
            throws IOException, InterruptedException {
        Backend from = pool.find(backend).orElseThrow(() -> new IOException("there is no backend " + backend));
        return copy.copy(from, target, progress);
    }

    /** See {@link Rebalancer}. */
    public Movement rebalance(Repairer repairer, long mostBytes, Movement.Progress progress)
            throws IOException, InterruptedException {
        return new Rebalancer(catalog, pool, repairer).run(mostBytes, progress);
    }

    /** The segments that have a present shard on a backend. */
    private List<SegmentId> on(BackendId backend) throws StorException {
        return catalog.all().stream()
                .filter(record -> record.state().servesReads() && has(record, backend))
                .map(SegmentRecord::id)
                .toList();
    }

    private static boolean has(SegmentRecord record, BackendId backend) {
        return record.shards().stream()
                .anyMatch(place -> place.backend().equals(backend) && place.state() == ShardState.PRESENT);
    }

    /** What a backend holds, and what of it nobody else has. */
    public Holdings holdings(BackendId backend) throws StorException {
        List<BackendId> others = pool.all().stream()
                .map(Backend::id)
                .filter(id -> !id.equals(backend))
                .toList();
        return Holdings.of(catalog, Set.of(backend), others);
    }

    /** Bytes of shards that a backend holds, before compression. */
    public long heldBytes(BackendId backend) throws StorException {
        return Optional.ofNullable(Rebalancer.held(catalog.all()).get(backend)).orElse(0L);
    }
}
