/**
 * Rows: one sorted map from keys to values, both bytes, that holds all that a volume knows.
 *
 * <p>The first byte of a key names a table; nobody here knows what tables mean. {@link org.qsfs.fs.rows.RowStore} answers reads from two places: the
 * <em>overlay</em>, rows of transactions that are in the journal but not yet applied, and the <em>index</em>, an MVStore that one applier thread fills
 * with whole durable transactions in order. The index is a view: each row carries a checksum, any doubt about it drops it, and it is built again from a
 * {@link org.qsfs.fs.rows.RowSource}, the journal. Deleting its directory loses nothing.
 *
 * <p>Invariants: the overlay always hides the index; a row leaves the overlay only after the index has it, and only if no newer one took its place; the
 * index holds exactly the transactions up to its mark, which is written in the same commit as their rows.
 *
 * <p>Threading: any number of readers without locks; additions under the journal's commit lock; one applier thread writes the index.
 *
 * <p>Arrays that go in or come out belong to the store and must not be changed.
 */
@NullMarked
package org.qsfs.fs.rows;

import org.jspecify.annotations.NullMarked;
