package org.qsfs.stor.deletion;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.qsfs.encryption.AttemptId;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.ObsoleteShard;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.StorException;

/**
 * Every shard that some record names on one backend: as present, as an intent, or as garbage. Eight bytes each, sorted, because there are many; that two shards share
 * their eight bytes is improbable, and then an orphan is overlooked, never a shard deleted.
 */
final class NamedShards {
    private final long[] sorted;

    private NamedShards(long[] sorted) {
        this.sorted = sorted;
    }

    static NamedShards on(BackendId backend, SegmentCatalog catalog) throws StorException {
        long[] found = new long[1024];
        int count = 0;
        for (SegmentRecord record : catalog.all()) {
            for (int shard = 0; shard < record.shards().size(); shard++) {
                ShardPlace place = record.shards().get(shard);
                if (place.backend().equals(backend)) {
                    found = count == found.length ? Arrays.copyOf(found, 2 * count) : found;
                    found[count++] = digest(record.attempt(), shard);
                }
            }
            for (ObsoleteShard garbage : record.obsolete()) {
                if (garbage.backend().equals(backend)) {
                    found = count == found.length ? Arrays.copyOf(found, 2 * count) : found;
                    found[count++] = digest(garbage.attempt(), garbage.shard());
                }
            }
        }
        long[] sorted = Arrays.copyOf(found, count);
        Arrays.sort(sorted);
        return new NamedShards(sorted);
    }

    boolean contains(AttemptId attempt, int shard) {
        return Arrays.binarySearch(sorted, digest(attempt, shard)) >= 0;
    }

    /** Attempt ids are random already. */
    private static long digest(AttemptId attempt, int shard) {
        ByteBuffer bytes = ByteBuffer.wrap(attempt.toBytes());
        return bytes.getLong() ^ Long.rotateLeft(bytes.getLong(), 17) ^ (shard * 0x9E3779B97F4A7C15L);
    }
}
