package org.qsfs.stor.object;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.rebuild.IncompleteRebuild;
import org.qsfs.stor.segment.StorException;

/**
 * The records of objects in the catalog. Changes need the writer's lease. Thread-safe.
 *
 * <p>{@code object/<name>} is a file that is stored; {@code object-garbage/<generation>} are pieces that were announced before they were written, or whose object was replaced or
 * deleted. Only what stands there is ever deleted.
 *
 * <p>A change that was not answered may still happen later. So every change holds only if the records are those that its caller knows.
 */
public final class ObjectCatalog {
    private static final String GARBAGE_PREFIX = "object-garbage/";

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

    /**
     * A record as the catalog has it.
     *
     * @param revision of the commit that wrote it
     */
    record Entry(StoredObject object, long revision) {}

    /** The epoch of the writer, for new segments. */
    long epoch() throws StorException {
        return segments.requireWriter().epoch();
    }

    /**
     * Numbers of new pieces are at least this one.
     *
     * @throws StorException.Conflict when nobody knows which numbers were given
     */
    int firstPiece() throws StorException {
        IncompleteRebuild.requireOwn(catalog);
        return IncompleteRebuild.read(catalog)
                .map(IncompleteRebuild::firstPiece)
                .orElse(0);
    }

    Optional<Entry> find(ObjectName name) throws StorException {
        Optional<CatalogEntry> entry;
        try {
            entry = catalog.get(name.catalogKey());
        } catch (CatalogException e) {
            throw failed("reading the record of object " + name, e);
        }
        return entry.isEmpty() ? Optional.empty() : Optional.of(decode(entry.get()));
    }

    /** All objects, by name. */
    List<Entry> all() throws StorException {
        return list(ObjectName.CATALOG_PREFIX);
    }

    /** Pieces that belong to no object, or not yet to one. */
    List<Entry> garbage() throws StorException {
        return list(GARBAGE_PREFIX);
    }

    private List<Entry> list(String prefix) throws StorException {
        List<CatalogEntry> found = new ArrayList<>();
        try {
            catalog.scan(prefix, found::add);
        } catch (CatalogException e) {
            throw failed("reading the records of objects", e);
        }
        List<Entry> all = new ArrayList<>(found.size());
        for (CatalogEntry entry : found) {
            all.add(decode(entry));
        }
        return all;
    }

    private static Entry decode(CatalogEntry entry) throws StorException {
        return new Entry(StoredObject.decode(entry.key(), entry.value()), entry.revision());
    }

    /** Writes an object's record over one of the same pieces. */
    void update(Entry before, StoredObject now) throws StorException {
        commit(
                "writing the record of " + now.file().path(),
                unchanged(now, Optional.of(before)).put(objectKey(now), now.encode()));
    }

    /** Says which pieces are about to be written; until {@link #replace} they are garbage. */
    Entry intend(StoredObject next) throws StorException {
        return condemn(
                "announcing the pieces of " + next.file().path(),
                next,
                CatalogTransaction.begin().ifAbsent(garbageKey(next)));
    }

    /** In one step: what was intended is the object now, and what was it before is garbage. */
    void replace(Optional<Entry> before, Entry intended) throws StorException {
        StoredObject next = intended.object();
        CatalogTransaction.Builder change = unchanged(next, before)
                .ifRevision(garbageKey(next), intended.revision())
                .put(objectKey(next), next.encode())
                .delete(garbageKey(next));
        before.map(Entry::object).ifPresent(old -> change.put(garbageKey(old), old.encode()));
        commit("writing the record of " + next.file().path(), change);
    }

    /** In one step: the object is none any more, and its pieces are garbage. */
    void remove(Entry before) throws StorException {
        StoredObject object = before.object();
        commit(
                "removing the record of " + object.file().path(),
                unchanged(object, Optional.of(before))
                        .delete(objectKey(object))
                        .put(garbageKey(object), object.encode()));
    }

    /**
     * Has a {@link #replace} that was not answered happen now or never.
     *
     * @return whether the pieces are garbage for good, so that they can be deleted
     */
    boolean settle(Entry garbage) throws StorException {
        StoredObject pieces = garbage.object();
        try {
            condemn(
                    "giving up the pieces of " + pieces.file().path(),
                    pieces,
                    CatalogTransaction.begin().ifRevision(garbageKey(pieces), garbage.revision()));
            return true;
        } catch (StorException.Conflict happened) {
            return false;
        }
    }

    /** What is neither an object nor called garbage is garbage. */
    void condemn(StoredObject pieces) throws StorException {
        condemn("giving up the pieces of " + pieces.file().path(), pieces, CatalogTransaction.begin());
    }

    private Entry condemn(String what, StoredObject pieces, CatalogTransaction.Builder change) throws StorException {
        return new Entry(pieces, commit(what, change.put(garbageKey(pieces), pieces.encode())));
    }

    /** Pieces that were found are the object now, whatever the catalog knew of them. */
    void adopt(Optional<Entry> before, StoredObject found) throws StorException {
        commit(
                "writing the record of " + found.file().path(),
                unchanged(found, before).put(objectKey(found), found.encode()).delete(garbageKey(found)));
    }

    /** The catalog calls these pieces garbage no longer. */
    void forget(StoredObject garbage) throws StorException {
        commit(
                "forgetting pieces of " + garbage.file().path(),
                CatalogTransaction.begin().delete(garbageKey(garbage)));
    }

    private static String objectKey(StoredObject object) {
        return object.file().name().catalogKey();
    }

    private static String garbageKey(StoredObject object) {
        return GARBAGE_PREFIX + object.generation();
    }

    /** A change that holds only if the record of an object is the one that its caller knows. */
    private static CatalogTransaction.Builder unchanged(StoredObject object, Optional<Entry> before) {
        CatalogTransaction.Builder change = CatalogTransaction.begin();
        return before.isPresent()
                ? change.ifRevision(objectKey(object), before.get().revision())
                : change.ifAbsent(objectKey(object));
    }

    /** @return the revision */
    private long commit(String what, CatalogTransaction.Builder change) throws StorException {
        OptionalLong revision;
        try {
            revision = catalog.commit(change.ifHeld(segments.requireWriter()).build());
        } catch (CatalogException e) {
            throw failed(what, e);
        }
        if (revision.isEmpty()) {
            segments.requireWriter();
            throw new StorException.Conflict(
                    what
                            + " failed: the catalog has another record by now; another writer is at work, or a change that was not answered came late. Try again");
        }
        return revision.getAsLong();
    }

    private static StorException failed(String what, CatalogException cause) {
        return new StorException.CatalogFailed(what + " failed: " + cause.getMessage(), cause);
    }
}
