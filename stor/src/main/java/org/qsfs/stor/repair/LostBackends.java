package org.qsfs.stor.repair;

import java.time.Duration;
import java.util.function.Supplier;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardState;

/**
 * Which backends are given up: those that the configuration does not name any more, and those that have been down for long.
 *
 * @param after how long
 */
public record LostBackends(BackendPool pool, Supplier<Duration> after) {
    /** It will not come back. */
    boolean isRemoved(BackendId backend) {
        return pool.find(backend).isEmpty();
    }

    /** It may come back with all it had. */
    boolean isDownForLong(BackendId backend) {
        return pool.find(backend)
                .filter(found -> found.downFor().compareTo(after.get()) > 0)
                .isPresent();
    }

    /** Whether a shard that counts as present is on a lost backend, or any shard on a removed one. */
    boolean concern(SegmentRecord record) {
        return record.shards().stream()
                .anyMatch(place -> isRemoved(place.backend())
                        || (place.state() == ShardState.PRESENT && isDownForLong(place.backend())));
    }
}
