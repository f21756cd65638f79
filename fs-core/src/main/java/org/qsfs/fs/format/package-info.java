/**
 * What the filesystem writes: rows of the index and data records. Everything here is on disk and may only be extended.
 *
 * <p>{@link org.qsfs.fs.format.Rows} lists the tables and builds their keys; the row types ({@link org.qsfs.fs.format.InodeRow},
 * {@link org.qsfs.fs.format.EntryRow}, {@link org.qsfs.fs.format.ListingRow}, {@link org.qsfs.fs.format.ExtentRow}) encode and
 * decode values; {@link org.qsfs.fs.format.DataRecord} describes the values of the data namespace.
 *
 * <p>Invariants: keys sort as their fields do (big endian, unsigned); every value begins with a version byte; a reader ignores
 * bytes behind the fields it knows, so that fields can be appended. All types are immutable values; decoding damaged bytes
 * throws {@code EIO} and never anything else.
 */
@NullMarked
package org.qsfs.fs.format;

import org.jspecify.annotations.NullMarked;
