package org.qsfs.stor.deletion;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.qsfs.encryption.AttemptId;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.ObsoleteShard;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;

/**
 * Every id of one sequential namespace that some record names, eight bytes each; and the shards that may have values there whose ids no record names (yet): those that are being written, and
 * garbage of which not everything was acknowledged.
 */
final class NamedValues {
    private final long[] sorted;
    private final Set<ShardOf> inDoubt;

    private NamedValues(long[] sorted, Set<ShardOf> inDoubt) {
        this.sorted = sorted;
        this.inDoubt = inDoubt;
    }

    static NamedValues on(BackendId backend, long incarnation, SegmentCatalog catalog) throws StorException {
        Collector collector = new Collector(incarnation);
        for (SegmentRecord record : catalog.all()) {
            for (int shard = 0; shard < record.shards().size(); shard++) {
                ShardPlace place = record.shards().get(shard);
                if (place.backend().equals(backend)) {
                    collector.add(
                            place.keys(), place.state() == ShardState.ADDING, new ShardOf(record.attempt(), shard));
                }
            }
            for (ObsoleteShard garbage : record.obsolete()) {
                if (garbage.backend().equals(backend)) {
                    boolean mayBeCopy = garbage.attempt().equals(record.attempt());
                    collector.add(
                            garbage.keys(),
                            mayBeCopy || isOpen(garbage),
                            new ShardOf(garbage.attempt(), garbage.shard()));
                }
            }
        }
        return collector.result();
    }

    private static boolean isOpen(ObsoleteShard garbage) {
        return garbage.keys() instanceof ShardKeys.Sequential ids && ids.isOpen(garbage.stripes());
    }

    /** Whether a record names a value by its id. */
    boolean contains(long id) {
        return Arrays.binarySearch(sorted, id) >= 0;
    }

    /** Whether a shard may have values there that are not named. */
    boolean mayHaveOthers(AttemptId attempt, int shard) {
        return inDoubt.contains(new ShardOf(attempt, shard));
    }

    private static final class Collector {
        private final long incarnation;
        private final Set<ShardOf> inDoubt = new HashSet<>();
        private long[] found = new long[1024];
        private int count;

        Collector(long incarnation) {
            this.incarnation = incarnation;
        }

        /** @param others whether values without names may belong to the shard */
        void add(ShardKeys keys, boolean others, ShardOf shard) {
            if (keys instanceof ShardKeys.Sequential ids && ids.incarnation() == incarnation) {
                for (long id : ids.ids()) {
                    if (id != ShardKeys.Sequential.UNKNOWN) {
                        found = count == found.length ? Arrays.copyOf(found, 2 * count) : found;
                        found[count++] = id;
                    }
                }
                if (others) {
                    inDoubt.add(shard);
                }
            }
        }

        NamedValues result() {
            long[] sorted = Arrays.copyOf(found, count);
            Arrays.sort(sorted);
            return new NamedValues(sorted, inDoubt);
        }
    }
}
