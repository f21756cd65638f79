package org.qsfs.stor.catalog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.WriterLease;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.SegmentRecordFormat;
import org.qsfs.stor.segment.StorException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All segment records of the volume in memory, and their changes. Every change is a transaction that holds only if the record is still the one in memory and the
 * lease is ours.
 *
 * <p>Records are kept as bytes, some 200 each, because there are many and few are looked at.
 *
 * <p>Thread-safe. Changes of one segment must not overlap, the caller sees to that.
 */
public final class SegmentCatalog {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentCatalog.class);

    private final Catalog catalog;
    private volatile @Nullable WriterLease lease;
    private final ConcurrentSkipListMap<SegmentId, Row> rows = new ConcurrentSkipListMap<>();

    @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
    private record Row(byte[] bytes, long revision) {}

    private SegmentCatalog(Catalog catalog, @Nullable WriterLease lease) {
        this.catalog = catalog;
        this.lease = lease;
    }

    /**
     * Reads all records.
     *
     * @param catalog with opened (unsealed) values
     * @param lease null to read only
     * @throws StorException when the catalog cannot be read, or what is under a segment's key is no record
     */
    public static SegmentCatalog load(Catalog catalog, @Nullable WriterLease lease) throws StorException {
        SegmentCatalog loaded = new SegmentCatalog(catalog, lease);
        loaded.reload();
        return loaded;
    }

    /** Writes under another lease of the same epoch from now on; the one before was lost. */
    public void renewed(WriterLease again) {
        lease = again;
    }

    /** Reads all records again, for a follower of another writer. */
    public void reload() throws StorException {
        ConcurrentSkipListMap<SegmentId, Row> found = new ConcurrentSkipListMap<>();
        List<String> strange = new ArrayList<>();
        try {
            catalog.scan(
                    SegmentId.CATALOG_PREFIX,
                    entry -> SegmentId.ofCatalogKey(entry.key())
                            .ifPresentOrElse(id -> found.put(id, row(entry)), () -> strange.add(entry.key())));
        } catch (CatalogException failed) {
            throw failure("reading the segment records failed", failed);
        }
        if (!strange.isEmpty()) {
            throw new StorException.Damaged(
                    "the catalog has keys that name no segment: " + strange + "; was it written by a newer qsfs?");
        }
        for (SegmentId id : found.keySet()) {
            SegmentRecordFormat.decode(id, found.get(id).bytes());
        }
        rows.putAll(found);
        rows.keySet().retainAll(found.keySet());
    }

    /** The record of a segment. */
    public Optional<SegmentRecord> find(SegmentId id) throws StorException {
        Row row = rows.get(id);
        return row == null ? Optional.empty() : Optional.of(SegmentRecordFormat.decode(id, row.bytes()));
    }

    /**
     * The record of a segment.
     *
     * @throws StorException.NotStored when there is none
     */
    public SegmentRecord require(SegmentId id) throws StorException {
        return find(id).orElseThrow(() -> new StorException.NotStored(id, "the catalog has no record of it"));
    }

    /**
     * The record of a segment that can be read; looks into the catalog again before it says no.
     *
     * @throws StorException.NotStored when there is none
     */
    public SegmentRecord requireReadable(SegmentId id) throws StorException {
        Optional<SegmentRecord> record = find(id);
        if (record.isEmpty() || !record.get().state().servesReads()) {
            refresh(id);
        }
        SegmentRecord found = require(id);
        if (!found.state().servesReads()) {
            throw new StorException.NotStored(id, "it is " + found.state());
        }
        return found;
    }

    /** Reads a record again, for a follower of another writer. */
    public void refresh(SegmentId id) throws StorException {
        isNow(id, null);
    }

    /** The segments that have a record, in order. */
    public List<SegmentId> ids() {
        return List.copyOf(rows.keySet());
    }

    /** All records, in the order of their ids. */
    public List<SegmentRecord> all() throws StorException {
        List<SegmentRecord> all = new ArrayList<>(rows.size());
        for (var row : rows.entrySet()) {
            all.add(SegmentRecordFormat.decode(row.getKey(), row.getValue().bytes()));
        }
        return all;
    }

    /** Refuses when this process may not change records. */
    public WriterLease requireWriter() throws StorException.NotWriter {
        WriterLease held = lease;
        if (held == null) {
            throw new StorException.NotWriter("the volume is open for reading only");
        }
        if (!held.isHeld()) {
            throw new StorException.NotWriter(
                    "this process, " + held.holder() + ", is not the writer of epoch " + held.epoch() + " any more");
        }
        return held;
    }

    /**
     * Puts a record in place of the one in memory, or as the first one.
     *
     * @throws StorException.Conflict when the catalog has another record than this process thought; the one found is now in memory
     */
    public void put(SegmentRecord next) throws StorException {
        change(next.id(), SegmentRecordFormat.encode(next));
    }

    /**
     * Puts a record that differs in what a failed operation leaves behind, on the way out of it. Not more than that depends on it: when it fails, values in sequential namespaces become orphans.
     *
     * @param before what was put last
     */
    public void leave(SegmentRecord before, SegmentRecord next) {
        if (!next.equals(before)) {
            try {
                put(next);
            } catch (StorException failed) {
                LOG.info("values of segment {} become orphans: {}", next.id(), failed.getMessage());
            }
        }
    }

    /** Removes a record. */
    public void remove(SegmentId id) throws StorException {
        change(id, null);
    }

    private void change(SegmentId id, byte @Nullable [] value) throws StorException {
        String key = id.catalogKey();
        CatalogTransaction.Builder transaction = CatalogTransaction.begin().ifHeld(requireWriter());
        Row before = rows.get(id);
        if (before == null) {
            transaction.ifAbsent(key);
        } else {
            transaction.ifRevision(key, before.revision());
        }
        if (value == null) {
            transaction.delete(key);
        } else {
            transaction.put(key, value);
        }
        OptionalLong revision;
        try {
            revision = catalog.commit(transaction.build());
        } catch (CatalogException.Unavailable unknownOutcome) {
            if (isNow(id, value)) {
                return;
            }
            throw failure("changing the record of segment " + id + " failed", unknownOutcome);
        } catch (CatalogException failed) {
            throw failure("changing the record of segment " + id + " failed", failed);
        }
        if (revision.isEmpty()) {
            requireWriter();
            isNow(id, value);
            throw new StorException.Conflict("the record of segment " + id
                    + " in the catalog is not the one of revision " + (before == null ? "none" : before.revision())
                    + " that this process knows; another writer is at work");
        }
        if (value == null) {
            rows.remove(id);
        } else {
            rows.put(id, new Row(value, revision.getAsLong()));
        }
    }

    /** Reads a record again and remembers it; tells whether it is this value. */
    private boolean isNow(SegmentId id, byte @Nullable [] value) throws StorException {
        Optional<CatalogEntry> found;
        try {
            found = catalog.get(id.catalogKey());
        } catch (CatalogException failed) {
            throw failure("reading the record of segment " + id + " failed", failed);
        }
        found.ifPresentOrElse(entry -> rows.put(id, row(entry)), () -> rows.remove(id));
        return value == null
                ? found.isEmpty()
                : found.isPresent() && Arrays.equals(found.get().value(), value);
    }

    private static Row row(CatalogEntry entry) {
        return new Row(entry.value(), entry.revision());
    }

    private static StorException failure(String what, CatalogException cause) {
        return new StorException.CatalogFailed(what + ": " + cause.getMessage(), cause);
    }
}
