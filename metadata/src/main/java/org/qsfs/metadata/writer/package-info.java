/**
 * Who may write: what all catalogs share of {@link org.qsfs.metadata.Catalog#acquire}.
 *
 * <p>{@link org.qsfs.metadata.writer.Election} decides from what the catalog says, {@link
 * org.qsfs.metadata.writer.HolderRecord} is what the winner writes there, {@link org.qsfs.metadata.writer.LeaseState} is what
 * a lease is in this process, {@link org.qsfs.metadata.writer.BootClock} tells the time, also to whoever has to wait for a lease. The rest is internal to the metadata module.
 */
@NullMarked
package org.qsfs.metadata.writer;

import org.jspecify.annotations.NullMarked;
