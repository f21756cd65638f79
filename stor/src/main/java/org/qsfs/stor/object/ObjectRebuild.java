package org.qsfs.stor.object;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.StorException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the records of objects from what their pieces say, for a catalog that was lost or set back.
 *
 * <p>Of the stores of a path of which every piece is there the last one is the object, even one that the catalog calls garbage: what it says may be older than what happened. So a
 * file that was deleted may come back, and a store that was not answered may count; nothing that is whole is lost.
 *
 * <p>Everything else becomes garbage only when all pieces were looked at. Otherwise what seems incomplete may be whole, so nothing is garbage until a rebuild that sees everything.
 */
final class ObjectRebuild {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectRebuild.class);

    /** Numbers rise within an epoch; a machine that begins with an empty catalog raises the epoch. */
    private static final Comparator<StoredObject> LATER = Comparator.comparing(
            object -> object.pieces().getLast(),
            Comparator.comparingLong(SegmentId::epoch).thenComparingInt(SegmentId::number));

    private final Collection<SegmentRecord> records;
    private final ObjectCatalog catalog;
    private final ObjectTransfer transfer;

    /** Pieces of one store of a file, by number. */
    private record Found(ObjectPiece any, TreeMap<Integer, SegmentId> pieces) {
        boolean isWhole() {
            return pieces.size() == any.count();
        }

        StoredObject object() {
            return new StoredObject(any.file(), any.generation(), List.copyOf(pieces.values()));
        }
    }

    /** @param records of all pieces */
    ObjectRebuild(Collection<SegmentRecord> records, ObjectCatalog catalog, ObjectTransfer transfer) {
        this.records = records;
        this.catalog = catalog;
        this.transfer = transfer;
    }

    /** See {@link ObjectStore#rebuildRecords}. */
    int run(boolean recordsAreComplete) throws IOException {
        Map<String, Found> stores = new HashMap<>();
        boolean complete = look(stores) && recordsAreComplete;
        Map<ObjectName, StoredObject> newest = new HashMap<>();
        for (Found store : stores.values()) {
            if (store.isWhole()) {
                StoredObject object = store.object();
                newest.merge(object.file().name(), object, (one, other) -> LATER.compare(one, other) > 0 ? one : other);
            }
        }
        for (StoredObject object : newest.values()) {
            Optional<ObjectCatalog.Entry> before = catalog.find(object.file().name());
            if (before.isEmpty() || isBetter(object, before.get().object(), complete)) {
                catalog.adopt(before, object);
            }
        }
        if (complete) {
            condemnTheRest(stores.values());
        } else {
            for (ObjectCatalog.Entry garbage : catalog.garbage()) {
                catalog.forget(garbage.object());
            }
        }
        return newest.size();
    }

    /** @return whether every piece said what it is */
    private boolean look(Map<String, Found> stores) throws IOException {
        boolean all = true;
        for (SegmentRecord record : records) {
            SegmentId id = record.id();
            if (!record.state().readable()) {
                LOG.warn("segment {} is {}, so the file it is a piece of is left out", id, record.state());
                continue;
            }
            ObjectPiece piece;
            try {
                piece = transfer.header(id);
            } catch (StorException.Unreadable e) {
                LOG.warn("the file that segment {} is a piece of is left out: {}", id, e.getMessage());
                all = false;
                continue;
            }
            Found store = stores.computeIfAbsent(piece.generation(), _ -> new Found(piece, new TreeMap<>()));
            if (!store.any().belongsWith(piece)) {
                throw new StorException.Damaged(
                        "segment " + id + " says it is of another file than the other pieces of " + piece.generation());
            }
            store.pieces().put(piece.number(), id);
        }
        return all;
    }

    /** An object in the catalog that is whole is among those found; one that is not may be so for want of a backend. */
    private static boolean isBetter(StoredObject found, StoredObject known, boolean complete) {
        return !found.generation().equals(known.generation()) && (complete || LATER.compare(found, known) > 0);
    }

    private void condemnTheRest(Collection<Found> stores) throws StorException {
        Set<String> known = new HashSet<>();
        List<ObjectCatalog.Entry> all = new ArrayList<>(catalog.all());
        all.addAll(catalog.garbage());
        all.forEach(entry -> known.add(entry.object().generation()));
        for (Found store : stores) {
            if (!known.contains(store.any().generation())) {
                catalog.condemn(store.object());
            }
        }
    }
}
