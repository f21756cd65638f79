/**
 * From a configuration to an open volume.
 *
 * <p>{@link org.qsfs.cli.volume.CatalogConnection} connects the catalog, {@link org.qsfs.cli.volume.KeySecret} finds the secret,
 * {@link org.qsfs.cli.volume.HeaderCopies} reads and writes the copies of the volume header, {@link org.qsfs.cli.volume.VolumeSetup} makes a new volume, and
 * {@link org.qsfs.cli.volume.ServedVolume} puts all together for a daemon.
 *
 * <p>Invariants: a volume other than the pinned one is never opened; no key is used before its header is in the catalog and on enough backends.
 */
@NullMarked
package org.qsfs.cli.volume;

import org.jspecify.annotations.NullMarked;
