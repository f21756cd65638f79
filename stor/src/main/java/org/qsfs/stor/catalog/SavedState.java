package org.qsfs.stor.catalog;

import java.util.Optional;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.stor.segment.StorException;

/** What background work of the writer keeps in the catalog about how far it is. Only the writer changes it. Thread-safe. */
public final class SavedState {
    private final Catalog records;
    private final SegmentCatalog segments;
    private final String what;

    /**
     * @param segments knows who is the writer
     * @param what it is the state of, for messages
     */
    public SavedState(Catalog records, SegmentCatalog segments, String what) {
        this.records = records;
        this.segments = segments;
        this.what = what;
    }

    /** The value of a key, empty when there is none. */
    public Optional<byte[]> read(String key) throws StorException {
        try {
            return records.get(key).map(CatalogEntry::value);
        } catch (CatalogException failed) {
            throw new StorException.CatalogFailed(
                    "reading the state of " + what + " failed: " + failed.getMessage(), failed);
        }
    }

    /** Durable on return. */
    public void write(String key, byte[] value) throws StorException {
        try {
            CatalogTransaction transaction = CatalogTransaction.begin()
                    .ifHeld(segments.requireWriter())
                    .put(key, value)
                    .build();
            if (records.commit(transaction).isEmpty()) {
                throw new StorException.NotWriter(
                        "the state of " + what + " was not saved: the writer's lease is lost");
            }
        } catch (CatalogException failed) {
            throw new StorException.CatalogFailed(
                    "saving the state of " + what + " failed: " + failed.getMessage(), failed);
        }
    }
}
