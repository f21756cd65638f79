package org.qsfs.stor.repair;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;

/**
 * What backends hold, as the records have it.
 *
 * @param segments segments with a shard there
 * @param lastCopies those of them of which fewer than k shards are elsewhere
 * @param uploading segments that are being written there
 */
public record Holdings(long segments, long lastCopies, long uploading) {

    /**
     * What some backends hold together.
     *
     * @param staying backends whose shards count as being elsewhere
     */
    public static Holdings of(SegmentCatalog catalog, Set<BackendId> leaving, Collection<BackendId> staying)
            throws StorException {
        long segments = 0;
        long lastCopies = 0;
        long uploading = 0;
        for (SegmentRecord record : catalog.all()) {
            List<ShardPlace> there = record.shards().stream()
                    .filter(place -> leaving.contains(place.backend()))
                    .toList();
            if (record.state() == StoredState.UPLOADING) {
                uploading += there.isEmpty() ? 0 : 1;
            } else if (record.state().servesReads()
                    && there.stream().anyMatch(place -> place.state() == ShardState.PRESENT)) {
                segments++;
                long elsewhere = record.shards().stream()
                        .filter(place -> place.state() == ShardState.PRESENT && staying.contains(place.backend()))
                        .count();
                lastCopies += elsewhere < record.policy().minimalShards() ? 1 : 0;
            }
        }
        return new Holdings(segments, lastCopies, uploading);
    }
}
