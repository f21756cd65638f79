/**
 * The few file operations that the engine needs, as an interface.
 *
 * <p>{@link org.qsfs.zdb.file.FileLayer} names files and directories, {@link org.qsfs.zdb.file.OpenFile} is one open file.
 * {@link org.qsfs.zdb.file.SystemFiles} is the real implementation. Tests put a layer in its place that forgets unsynced
 * writes, tears the last one, or runs out of space.
 *
 * <p>Invariants: a name is durable only after {@code syncDirectory} of its parent, bytes only after {@code sync} of the
 * file. Threading: everything may be called by any thread; writes to one file are made by one thread at a time.
 */
@NullMarked
package org.qsfs.zdb.file;

import org.jspecify.annotations.NullMarked;
