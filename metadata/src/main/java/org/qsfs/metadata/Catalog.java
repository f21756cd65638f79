package org.qsfs.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * What of a volume is stored where: a versioned map from keys to opaque values, changed by transactions.
 *
 * <p><b>Keys</b> are ASCII paths such as {@code segments/00000003/data/00000017}: 1 to 512 printable characters without spaces, no
 * slash at either end, no empty component. Keys under {@code writer/} belong to {@link #acquire}.
 *
 * <p><b>Revisions.</b> Every commit has a revision, larger than that of every commit before; a key has the revision of the
 * commit that wrote it last. A key that was deleted and written again has a larger one than ever before.
 *
 * <p><b>Consistency.</b> Reads see every commit that returned before they began, also those of other processes; {@link #scan}
 * sees one state of the whole prefix or, where it is long, of each page.
 *
 * <p><b>Durability.</b> A commit that returned is on disk (etcd: of a majority).
 *
 * <p><b>Failure.</b> Every call ends within a deadline given at construction, with a {@link CatalogException} that names the
 * catalog and what to do. After {@link CatalogException.Unavailable} a commit may have happened: read before going on.
 *
 * <p>Thread-safe. All methods block.
 */
public interface Catalog extends AutoCloseable {

    /** The entry of a key, or empty when there is none. */
    Optional<CatalogEntry> get(String key);

    /**
     * Passes on every entry whose key begins with {@code prefix}, in order of keys, reading page by page.
     *
     * @param prefix plain characters, not a path: {@code segments/1} also finds {@code segments/10}; empty for everything
     */
    void scan(String prefix, Consumer<CatalogEntry> consumer);

    /** Everything that {@link #scan} finds, for prefixes known to be short. */
    default List<CatalogEntry> list(String prefix) {
        List<CatalogEntry> entries = new ArrayList<>();
        scan(prefix, entries::add);
        return entries;
    }

    /**
     * Carries out all mutations of a transaction, or none.
     *
     * @return the revision of the commit, or empty when a condition did not hold; when one of them was
     *     {@link Condition.Held}, ask the lease
     */
    OptionalLong commit(CatalogTransaction transaction);

    /**
     * Returns when commits are possible now: etcd has a leader, space and we may write; the directory of a local one is writable.
     */
    void checkWritable();

    /**
     * Makes the caller the one writer of the volume.
     *
     * <p>The epoch is the term of one writer. It stays the same when the writer that the local state stems from continues; it
     * is raised when a machine without local state, or one that takes over, begins.
     *
     * @throws LeaseHeldException when somebody else is the writer and the request does not take over
     * @throws SupersededException when the local state is of an older epoch than the catalog
     * @throws CatalogBehindException when the local state is of a newer epoch than the catalog
     */
    WriterLease acquire(LeaseRequest request);

    /** Ends everything, leases held through this catalog included (without releasing them: see {@link WriterLease#release}). */
    @Override
    void close();
}
