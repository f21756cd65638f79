package org.qsfs.stor.repair;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Evens out what backends hold: each is to have stored bytes in proportion to its weight times its room, where its room is what it holds of this volume plus what is
 * free. Moves shards from the backend that has most too much to the one that has most too little, as long as that brings both closer to their share.
 */
final class Rebalancer {
    private static final Logger LOG = LoggerFactory.getLogger(Rebalancer.class);
    /** Differences below this share of the fair part do not matter. */
    private static final double TOLERANCE = 0.1;

    private static final double MOST_ROOM = 1L << 42;

    private final SegmentCatalog catalog;
    private final BackendPool pool;
    private final Repairer repairer;

    Rebalancer(SegmentCatalog catalog, BackendPool pool, Repairer repairer) {
        this.catalog = catalog;
        this.pool = pool;
        this.repairer = repairer;
    }

    /**
     * Moves shards until everything is even, nothing more may be moved, or enough was moved.
     *
     * @param mostBytes bytes after which it ends
     */
    Movement run(long mostBytes, Movement.Progress progress) throws IOException, InterruptedException {
        Map<BackendId, Long> held = held(catalog.all());
        List<Backend> usable = pool.all().stream()
                .filter(backend -> backend.identified()
                        && backend.state() == BackendState.HEALTHY
                        && !backend.terms().draining())
                .toList();
        long inAll = usable.stream()
                .mapToLong(backend -> held.getOrDefault(backend.id(), 0L))
                .sum();
        double rooms =
                usable.stream().mapToDouble(backend -> room(backend, held)).sum();
        Map<BackendId, Double> excess = new TreeMap<>();
        Map<BackendId, Double> share = new TreeMap<>();
        for (Backend backend : usable) {
            double fair = rooms == 0 ? 0 : inAll * room(backend, held) / rooms;
            share.put(backend.id(), fair);
            excess.put(backend.id(), held.getOrDefault(backend.id(), 0L) - fair);
        }
        double toMove =
                excess.values().stream().filter(e -> e > 0).mapToDouble(e -> e).sum();
        Movement moved = Movement.NONE;
        for (Backend from : sorted(usable, excess, -1)) {
            for (SegmentId id : catalog.ids()) {
                double tooMuch = excess.getOrDefault(from.id(), 0.0);
                if (tooMuch <= TOLERANCE * share.getOrDefault(from.id(), 0.0) || moved.bytes() >= mostBytes) {
                    break;
                }
                Optional<SegmentRecord> record = catalog.find(id).filter(found -> hasShardOn(found, from.id()));
                if (record.isPresent()) {
                    long bytes = shardBytes(record.get());
                    for (Backend to : sorted(usable, excess, 1)) {
                        double tooLittle = -excess.getOrDefault(to.id(), 0.0);
                        if (tooLittle < bytes / 2.0 || tooMuch < bytes / 2.0) {
                            break;
                        }
                        if (to.freeBytes() >= bytes && repairer.relocate(id, from, to)) {
                            excess.merge(from.id(), (double) -bytes, Double::sum);
                            excess.merge(to.id(), (double) bytes, Double::sum);
                            moved = moved.plus(1, bytes);
                            progress.at(moved.bytes(), Math.max(moved.bytes(), (long) toMove));
                            break;
                        }
                    }
                }
            }
        }
        LOG.info("rebalance: {} shards, {} bytes moved", moved.shards(), moved.bytes());
        return moved;
    }

    private static double room(Backend backend, Map<BackendId, Long> held) {
        double bytes = (double) held.getOrDefault(backend.id(), 0L) + Math.min(MOST_ROOM, (double) backend.freeBytes());
        return Math.min(MOST_ROOM, bytes) * backend.terms().weight();
    }

    private static List<Backend> sorted(List<Backend> backends, Map<BackendId, Double> excess, int sign) {
        return backends.stream()
                .sorted(Comparator.comparingDouble(backend -> sign * excess.getOrDefault(backend.id(), 0.0)))
                .toList();
    }

    /** Bytes of present shards by backend, as the records have it. */
    static Map<BackendId, Long> held(List<SegmentRecord> records) {
        Map<BackendId, Long> held = new TreeMap<>();
        for (SegmentRecord record : records) {
            for (ShardPlace place : record.shards()) {
                if (place.state() == ShardState.PRESENT) {
                    held.merge(place.backend(), shardBytes(record), Long::sum);
                }
            }
        }
        return held;
    }

    /** What a shard has at most; less when the segment was compressed. */
    static long shardBytes(SegmentRecord record) {
        return Math.ceilDiv(
                record.layout().segmentLength(), (long) record.policy().minimalShards());
    }

    private static boolean hasShardOn(SegmentRecord record, BackendId backend) {
        return record.state().readable()
                && record.shards().stream()
                        .anyMatch(place -> place.backend().equals(backend) && place.state() == ShardState.PRESENT);
    }
}
