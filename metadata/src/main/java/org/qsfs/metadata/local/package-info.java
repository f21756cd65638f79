/**
 * The catalog in a directory: {@link org.qsfs.metadata.local.LocalCatalog}.
 *
 * <p>{@code LogFile} is the file, {@code CommitLog} the state in it, {@code SharedLog} keeps threads and processes apart, {@code
 * LocalLeases} knows who may write. For a volume whose catalog need not survive the disk, and for tests; several processes of one machine may use it at once.
 */
@NullMarked
package org.qsfs.metadata.local;

import org.jspecify.annotations.NullMarked;
