/**
 * The catalog: what of a volume is stored where.
 *
 * <p>{@link org.qsfs.metadata.Catalog} is the contract: a versioned map changed by
 * {@linkplain org.qsfs.metadata.CatalogTransaction transactions}, with a {@linkplain org.qsfs.metadata.WriterLease lease} that
 * makes one machine the writer. Implementations: {@code local} (a directory) and {@code etcd}.
 * {@link org.qsfs.metadata.SealedCatalog} wraps any of them so that values are stored encrypted.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>A commit happens whole or not at all, and is durable when it returns.
 *   <li>At most one lease is valid at any time; a commit conditional on a lease that is not valid any more changes nothing,
 *       however late it arrives.
 *   <li>The epoch never decreases, and rises whenever the writer changes.
 * </ul>
 *
 * <p>Threading: everything is thread-safe and blocking, with a deadline on every call.
 */
@NullMarked
package org.qsfs.metadata;

import org.jspecify.annotations.NullMarked;
