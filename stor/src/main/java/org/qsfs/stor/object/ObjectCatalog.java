package org.qsfs.stor.object;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.segment.StorException;

/** The records of objects in the catalog. Changes need the writer's lease. Thread-safe. */
public final class ObjectCatalog {
    private final Catalog catalog;
    private final SegmentCatalog segments;

    /**
     * @param catalog with opened (unsealed) values
     * @param segments knows the lease
     */
    public ObjectCatalog(Catalog catalog, SegmentCatalog segments) {
        this.catalog = catalog;
        this.segments = segments;
    }

    /** The epoch of the writer, for new segments. */
    long epoch() throws StorException {
        return segments.requireWriter().epoch();
    }

    Optional<StoredObject> find(ObjectName name) throws StorException {
        Optional<CatalogEntry> entry;
        try {
            entry = catalog.get(name.catalogKey());
        } catch (CatalogException e) {
            throw failed("reading the record of object " + name, e);
        }
        return entry.isEmpty()
                ? Optional.empty()
                : Optional.of(StoredObject.decode(name, entry.get().value()));
    }

    /** All objects, by name. */
    List<StoredObject> all() throws StorException {
        List<CatalogEntry> entries = new ArrayList<>();
        try {
            catalog.scan(ObjectName.CATALOG_PREFIX, entries::add);
        } catch (CatalogException e) {
            throw failed("reading the records of objects", e);
        }
        List<StoredObject> all = new ArrayList<>(entries.size());
        for (CatalogEntry entry : entries) {
            ObjectName name = ObjectName.ofCatalogKey(entry.key())
                    .orElseThrow(() -> new StorException.Damaged("the catalog has the key " + entry.key()
                            + ", which names no object; was it written by a newer qsfs?"));
            all.add(StoredObject.decode(name, entry.value()));
        }
        return all;
    }

    void put(StoredObject object) throws StorException {
        ObjectName name = object.file().name();
        commit(
                "writing the record of object " + name,
                CatalogTransaction.begin().put(name.catalogKey(), object.encode()));
    }

    void remove(ObjectName name) throws StorException {
        commit(
                "removing the record of object " + name,
                CatalogTransaction.begin().delete(name.catalogKey()));
    }

    private void commit(String what, CatalogTransaction.Builder change) throws StorException {
        try {
            if (catalog.commit(change.ifHeld(segments.requireWriter()).build()).isEmpty()) {
                segments.requireWriter();
                throw new StorException.Conflict(what + " failed: another writer is at work");
            }
        } catch (CatalogException e) {
            throw failed(what, e);
        }
    }

    private static StorException failed(String what, CatalogException cause) {
        return new StorException.CatalogFailed(what + " failed: " + cause.getMessage(), cause);
    }
}
