package org.qsfs.stor.rebuild;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.WriterLease;
import org.qsfs.stor.segment.FieldReader;
import org.qsfs.stor.segment.StorException;

/**
 * That the segment records were made of less than everything, or that they are being made. While the catalog has this, shards that no record names may be all that is left of a
 * segment.
 *
 * <p>Format, big-endian, value of the catalog key {@value #CATALOG_KEY}:
 *
 * <pre>
 * offset size
 *   0     8   magic "QSFSREBI"
 *   8     2   format version, 1
 *  10     4   first number for a new piece of a single file
 *  14     4   n
 *  18     n   what is missing, UTF-8
 * </pre>
 *
 * @param missing for people: what was not asked or could not be read
 * @param firstPiece segments of the namespace {@code object} that were not seen may have numbers below
 */
public record IncompleteRebuild(String missing, int firstPiece) {
    static final String CATALOG_KEY = "rebuild/incomplete";

    private static final byte[] MAGIC = "QSFSREBI".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;

    /** What the catalog says. */
    public static Optional<IncompleteRebuild> read(Catalog catalog) throws StorException {
        Optional<CatalogEntry> entry;
        try {
            entry = catalog.get(CATALOG_KEY);
        } catch (CatalogException e) {
            throw failed("reading", e);
        }
        return entry.isEmpty()
                ? Optional.empty()
                : Optional.of(decode(entry.get().value()));
    }

    /**
     * Nothing is known of what a catalog lacks that was filled from a copy.
     *
     * @throws StorException.Conflict it was, and no rebuild has completed it since
     */
    public static void requireOwn(Catalog catalog) throws StorException {
        boolean imported;
        try {
            imported = catalog.get(CatalogKeys.IMPORTED).isPresent();
        } catch (CatalogException e) {
            throw failed("reading", e);
        }
        if (imported) {
            throw new StorException.Conflict(
                    "the catalog was filled from a copy (qsfs catalog import) and may lack what was stored since; unmount the volume and run, with all backends up: qsfs catalog rebuild");
        }
    }

    /** From now on the records count as incomplete, and nothing else is wrong with them. */
    void write(Catalog catalog, WriterLease lease) throws StorException {
        commit(
                catalog,
                lease,
                CatalogTransaction.begin().put(CATALOG_KEY, encode()).delete(CatalogKeys.IMPORTED));
    }

    /** From now on the records count as complete. */
    public static void forget(Catalog catalog, WriterLease lease) throws StorException {
        commit(catalog, lease, CatalogTransaction.begin().delete(CATALOG_KEY));
    }

    private static void commit(Catalog catalog, WriterLease lease, CatalogTransaction.Builder change)
            throws StorException {
        try {
            if (catalog.commit(change.ifHeld(lease).build()).isEmpty()) {
                throw new StorException.NotWriter(
                        "the records cannot be rebuilt: " + lease.holder() + " is not the writer any more");
            }
        } catch (CatalogException e) {
            throw failed("writing", e);
        }
    }

    private byte[] encode() {
        byte[] text = missing.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(MAGIC.length + Short.BYTES + 2 * Integer.BYTES + text.length)
                .put(MAGIC)
                .putShort((short) VERSION)
                .putInt(firstPiece)
                .putInt(text.length)
                .put(text)
                .array();
    }

    private static IncompleteRebuild decode(byte[] bytes) throws StorException {
        FieldReader in = new FieldReader("the record " + CATALOG_KEY, bytes);
        in.expect("its magic", MAGIC);
        in.version(VERSION);
        int firstPiece = in.i32("its first number");
        String missing = new String(in.bytes(in.count("the length of its text", 1)), StandardCharsets.UTF_8);
        in.end();
        return new IncompleteRebuild(missing, firstPiece);
    }

    private static StorException failed(String what, CatalogException cause) {
        return new StorException.CatalogFailed(
                what + " whether the records are complete failed: " + cause.getMessage(), cause);
    }
}
