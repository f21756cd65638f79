/**
 * The key-value engine: namespaces in user mode (the client chooses keys) and sequential mode (the server gives numbers).
 *
 * <p>{@link org.qsfs.zdb.engine.Database} is a pair of directories with its {@link org.qsfs.zdb.engine.Namespace}s. A namespace
 * checks what is allowed and passes on to its {@link org.qsfs.zdb.engine.Store}, which owns the files of one namespace:
 * {@link org.qsfs.zdb.engine.DataFiles} with the values, {@link org.qsfs.zdb.engine.IndexFiles} with a record for each.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>The active data file is the journal. Everything that index files say about changes since the last jump is also said by
 *       its entries; {@link org.qsfs.zdb.engine.StoreLoader} redoes what a crash left out. So a write is durable when its data
 *       file is.
 *   <li>A record of an index file is changed in place only after the entry that causes the change is durable. Until then the
 *       change is kept in memory and laid over what is read.
 *   <li>A value is returned only when its checksum is right.
 * </ul>
 *
 * <p>Threading: writes to one namespace are serialised by its store's lock; lookups share it; values are read without it.
 */
@NullMarked
package org.qsfs.zdb.engine;

import org.jspecify.annotations.NullMarked;
