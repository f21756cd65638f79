package org.qsfs.stor.catalog;

import java.util.Optional;
import java.util.OptionalLong;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.segment.StorException;

/** The head of the volume in the catalog, changed by compare-and-set. Thread-safe. */
public final class HeadPublisher {
    private final Catalog catalog;
    private final SegmentCatalog segments;

    /** @param segments knows whether this process is the writer */
    public HeadPublisher(Catalog catalog, SegmentCatalog segments) {
        this.catalog = catalog;
        this.segments = segments;
    }

    /** The head in the catalog now. */
    public Optional<PublishedHead> read() throws StorException {
        Optional<CatalogEntry> entry;
        try {
            entry = catalog.get(Head.CATALOG_KEY);
        } catch (CatalogException failed) {
            throw new StorException.CatalogFailed("reading the head failed: " + failed.getMessage(), failed);
        }
        return entry.isEmpty()
                ? Optional.empty()
                : Optional.of(new PublishedHead(
                        Head.decode(entry.get().value()), entry.get().revision()));
    }

    /** @return false when the head in the catalog is not {@code expected} */
    public boolean publish(Optional<PublishedHead> expected, Head next) throws StorException {
        CatalogTransaction.Builder transaction = CatalogTransaction.begin().ifHeld(segments.requireWriter());
        if (expected.isPresent()) {
            transaction.ifRevision(Head.CATALOG_KEY, expected.get().revision());
        } else {
            transaction.ifAbsent(Head.CATALOG_KEY);
        }
        OptionalLong revision;
        try {
            revision = catalog.commit(
                    transaction.put(Head.CATALOG_KEY, next.encode()).build());
        } catch (CatalogException.Unavailable unknownOutcome) {
            if (read().map(PublishedHead::head).filter(next::equals).isPresent()) {
                return true;
            }
            throw failed(unknownOutcome);
        } catch (CatalogException failure) {
            throw failed(failure);
        }
        if (revision.isEmpty()) {
            segments.requireWriter();
        }
        return revision.isPresent();
    }

    private static StorException failed(CatalogException cause) {
        return new StorException.CatalogFailed("publishing the head failed: " + cause.getMessage(), cause);
    }
}
