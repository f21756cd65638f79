package org.qsfs.stor.repair;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.deletion.ShardDeletion;
import org.qsfs.stor.flow.SegmentLocks;
import org.qsfs.stor.read.DamageReports;
import org.qsfs.stor.segment.ObsoleteShard;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through the records and finishes what is unfinished: degraded segments, those with fewest shards to spare first; shards that readers found damaged, or whose
 * backend was removed from the configuration, has been down for long or came back empty; deletions that a backend had not acknowledged; garbage of earlier attempts. One segment at a time; a segment that somebody else works on is left out.
 *
 * <p>Thread-safe.
 */
public final class Repairer {
    private static final Logger LOG = LoggerFactory.getLogger(Repairer.class);

    private final SegmentCatalog catalog;
    private final EmptiedBackends emptied;
    private final Losses losses;
    private final Relocation relocation;
    private final LostBackends lost;
    private final SegmentRepair repair;
    private final ShardDeletion deletion;
    private final SegmentLocks locks;
    private final DamageReports damages;
    private final LongAdder repaired = new LongAdder();

    public Repairer(
            SegmentCatalog catalog,
            LostBackends lost,
            SegmentRepair repair,
            Relocations relocations,
            ShardDeletion deletion,
            SegmentLocks locks,
            DamageReports damages,
            Introduction introduction,
            VolumeId volume) {
        this.catalog = catalog;
        this.emptied = new EmptiedBackends(lost.pool(), catalog, locks, introduction);
        this.losses = new Losses(catalog, lost.pool(), volume);
        this.lost = lost;
        this.repair = repair;
        this.relocation = relocations.relocation();
        this.deletion = deletion;
        this.locks = locks;
        this.damages = damages;
    }

    /** Segments that were brought back to all their shards. */
    public long repaired() {
        return repaired.sum();
    }

    /**
     * Repairs one segment and deletes its garbage.
     *
     * @param suspects shards to look at although the record calls them present
     */
    public SegmentRecord repair(SegmentId id, Set<Integer> suspects) throws IOException, InterruptedException {
        locks.lock(id);
        try {
            return repairLocked(id, suspects);
        } finally {
            locks.unlock(id);
        }
    }

    /**
     * Deletes a segment.
     *
     * @return whether nothing of it is left
     */
    public boolean delete(SegmentId id) throws IOException, InterruptedException {
        locks.lock(id);
        try {
            return deleteLocked(id);
        } finally {
            locks.unlock(id);
        }
    }

    /**
     * Moves the shard that one backend has of a segment to another.
     *
     * @return whether it was moved
     */
    boolean relocate(SegmentId id, Backend from, Backend to) throws IOException, InterruptedException {
        if (!locks.tryLock(id)) {
            return false;
        }
        try {
            catalog.requireWriter();
            SegmentRecord record = catalog.require(id);
            if (record.state() != StoredState.STORED) {
                return false;
            }
            Optional<SegmentRecord> moved = relocation.move(record, from, to);
            if (moved.isPresent()) {
                deleteGarbage(moved.get());
            }
            return moved.isPresent();
        } finally {
            locks.unlock(id);
        }
    }

    /** One pass over all records; failures of one segment are logged and do not hinder the others. */
    public void pass() throws IOException, InterruptedException {
        emptied.record();
        Map<SegmentId, Set<Integer>> suspects = new TreeMap<>();
        damages.take()
                .forEach(report -> suspects.computeIfAbsent(report.segment(), id -> new TreeSet<>())
                        .add(report.shard()));
        List<SegmentRecord> unfinished = catalog.all().stream()
                .filter(record -> record.state() == StoredState.DEGRADED
                        || record.state() == StoredState.DELETING
                        || record.state() == StoredState.LOST
                        || !record.obsolete().isEmpty()
                        || suspects.containsKey(record.id())
                        || (record.state().readable() && (lost.concern(record) || relocation.concerns(record))))
                .sorted(Comparator.comparingInt(Repairer::shardsToSpare))
                .toList();
        for (SegmentRecord record : unfinished) {
            if (locks.tryLock(record.id())) {
                try {
                    finish(record.id(), suspects.getOrDefault(record.id(), Set.of()));
                } catch (IOException failed) {
                    LOG.warn("repair of segment {} failed: {}", record.id(), failed.getMessage());
                } finally {
                    locks.unlock(record.id());
                }
            }
        }
    }

    private void finish(SegmentId id, Set<Integer> suspects) throws IOException, InterruptedException {
        Optional<SegmentRecord> record = catalog.find(id);
        if (record.isPresent() && record.get().state() == StoredState.DELETING) {
            deleteLocked(id);
        } else if (record.isPresent()) {
            repairLocked(id, suspects);
        }
    }

    private SegmentRecord repairLocked(SegmentId id, Set<Integer> suspects) throws IOException, InterruptedException {
        catalog.requireWriter();
        SegmentRecord record = catalog.require(id);
        if (record.state() == StoredState.LOST) {
            record = losses.lookAgain(record);
        }
        if (record.state().readable()) {
            boolean whole = record.state() == StoredState.STORED && suspects.isEmpty();
            try {
                record = repair.repair(record, suspects);
            } catch (StorException.Unreadable tooFew) {
                losses.noticed(record, tooFew);
                throw tooFew;
            }
            if (!whole && record.state() == StoredState.STORED) {
                repaired.increment();
            }
            record = relocation.drain(record);
        }
        return deleteGarbage(record);
    }

    /** What was moved away is garbage only when the segment is whole: the backend that it was moved from may come back, and others may go. */
    private SegmentRecord deleteGarbage(SegmentRecord record) throws IOException, InterruptedException {
        boolean whole = record.state() == StoredState.STORED;
        List<ObsoleteShard> due = record.obsolete().stream()
                .filter(shard -> whole || !shard.attempt().equals(record.attempt()))
                .toList();
        List<ObsoleteShard> notDeleted = due.isEmpty() ? due : deletion.delete(due);
        if (notDeleted.size() == due.size()) {
            return record;
        }
        List<ObsoleteShard> left = new ArrayList<>(record.obsolete());
        left.removeAll(due);
        left.addAll(notDeleted);
        SegmentRecord cleaned = record.with(record.shards(), record.lastWrite(), left);
        catalog.put(cleaned);
        return cleaned;
    }

    private boolean deleteLocked(SegmentId id) throws IOException, InterruptedException {
        catalog.requireWriter();
        Optional<SegmentRecord> record = catalog.find(id);
        if (record.isEmpty()) {
            return true;
        }
        if (record.get().state() != StoredState.DELETING) {
            catalog.put(record.get().with(StoredState.DELETING));
        }
        if (!deletion.delete(record.get().everythingAsGarbage()).isEmpty()) {
            return false;
        }
        catalog.remove(id);
        return true;
    }

    private static int shardsToSpare(SegmentRecord record) {
        return record.count(ShardState.PRESENT) - record.policy().minimalShards();
    }
}
