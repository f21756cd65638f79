package org.qsfs.stor.repair;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.placement.BackendChoice;
import org.qsfs.stor.placement.Placement;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves shards of one segment to where they had better be: away from backends that are draining, or from a full one to an emptier one. The policy of the segment is kept
 * by every move, and moves come one after another.
 *
 * <p>The caller holds the segment's lock.
 */
final class Relocation {
    private static final Logger LOG = LoggerFactory.getLogger(Relocation.class);

    private final BackendPool pool;
    private final ShardMove move;
    private final RandomGenerator random;

    Relocation(BackendPool pool, ShardMove move, RandomGenerator random) {
        this.pool = pool;
        this.move = move;
        this.random = random;
    }

    /** Whether a shard is on a backend that is draining. */
    boolean concerns(SegmentRecord record) {
        return record.shards().stream().anyMatch(this::isOnDraining);
    }

    /** Moves every shard away from draining backends for which there is another place; the others stay. */
    SegmentRecord drain(SegmentRecord record) throws IOException, InterruptedException {
        SegmentRecord current = record;
        for (int shard = 0; shard < record.shards().size(); shard++) {
            if (isOnDraining(current.shards().get(shard))) {
                Optional<Backend> target = choice(current).replacement(others(current, shard), Set.of());
                if (target.isEmpty()) {
                    LOG.info(
                            "shard {} of segment {} stays on draining backend {}: no other keeps the policy",
                            shard,
                            current.id(),
                            current.shards().get(shard).backend());
                } else {
                    current = move.move(current, shard, target.get());
                }
            }
        }
        return current;
    }

    /** Moves the shard that {@code from} has to {@code to}; empty when there is none, or the policy would not be kept. */
    Optional<SegmentRecord> move(SegmentRecord record, Backend from, Backend to)
            throws IOException, InterruptedException {
        for (int shard = 0; shard < record.shards().size(); shard++) {
            ShardPlace place = record.shards().get(shard);
            boolean free =
                    record.shards().stream().noneMatch(other -> other.backend().equals(to.id()));
            if (place.backend().equals(from.id()) && place.state() == ShardState.PRESENT && free) {
                List<String> groups = new ArrayList<>(
                        others(record, shard).stream().map(Backend::group).toList());
                groups.add(to.group());
                if (new Placement(record.policy(), random).isLegal(groups)) {
                    return Optional.of(move.move(record, shard, to));
                }
            }
        }
        return Optional.empty();
    }

    private boolean isOnDraining(ShardPlace place) {
        return place.state() == ShardState.PRESENT
                && pool.find(place.backend())
                        .filter(backend -> backend.terms().draining())
                        .isPresent();
    }

    private BackendChoice choice(SegmentRecord record) {
        return new BackendChoice(
                pool,
                record.policy(),
                random,
                record.layout().segmentLength() / record.policy().minimalShards());
    }

    private List<Backend> others(SegmentRecord record, int shard) {
        List<Backend> others = new ArrayList<>();
        for (int other = 0; other < record.shards().size(); other++) {
            if (other != shard) {
                pool.find(record.shards().get(other).backend()).ifPresent(others::add);
            }
        }
        return others;
    }
}
