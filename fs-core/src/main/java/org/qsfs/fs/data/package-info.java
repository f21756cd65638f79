/**
 * The content of files: written bytes in memory, extents, data records.
 *
 * <p>{@link org.qsfs.fs.data.FileContents} is the way in; {@link org.qsfs.fs.data.FileData} is what is in memory of one file in use.
 * {@code FileWriter} takes bytes into {@code DirtyRanges} (memory from {@code PagePool}), {@code Flusher} moves them into the log and edits extents
 * ({@code ExtentEdit}), {@code FileReader} merges both ({@code ExtentCache}, {@code BlockReader}), {@code FileShape} and {@code FileCopy} only edit extents,
 * {@code Reclaimer} drops what has no name.
 *
 * <p>Invariants: a file never shows zeros where bytes were acknowledged, also after a crash, because its size grows in the transaction that makes
 * the bytes part of it; extents of a file do not overlap; extents end within the size of the file; what is flushed does not change any more.
 *
 * <p>Threading: see {@code FileData} for the locks and their order. Nothing waits for a disk under a lock but the buffered append of a journal
 * record and reads of the index.
 */
@NullMarked
package org.qsfs.fs.data;

import org.jspecify.annotations.NullMarked;
