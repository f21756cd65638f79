/**
 * The catalog in a directory: {@link org.qsfs.metadata.local.LocalCatalog}.
 *
 * <p>{@code CommitLog} is the file, {@code ExclusiveFile} keeps processes apart, {@code LocalWriterLease} is the lease. For a
 * volume whose catalog need not survive the disk, and for tests; several processes of one machine may use it at once.
 */
@NullMarked
package org.qsfs.metadata.local;

import org.jspecify.annotations.NullMarked;
