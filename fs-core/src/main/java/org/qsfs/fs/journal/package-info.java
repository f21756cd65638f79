/**
 * The journal of a volume: what makes rows durable and ordered.
 *
 * <p>{@link org.qsfs.fs.journal.Journal} appends each {@link org.qsfs.fs.journal.Transaction} to the meta namespace, makes its rows visible in the
 * {@link org.qsfs.fs.rows.RowStore}, and syncs data and meta namespace together. {@link org.qsfs.fs.journal.Journal#open} recovers: it finds the last
 * state that the files on disk agree about, cuts torn tails, and brings the index up to date. Checkpoints are copies of all rows in the same
 * namespace.
 *
 * <p>Invariants: a transaction is appended before its rows are visible; the checksum of each transaction covers the one before; a meta segment closes after
 * the data segments it refers to; nothing is appended to a segment that was active at a crash; after a failed write or fsync nothing is accepted.
 *
 * <p>Threading: commits are serialised by one lock; syncs run in parallel and share fsyncs; everything may be called by any thread.
 */
@NullMarked
package org.qsfs.fs.journal;

import org.jspecify.annotations.NullMarked;
