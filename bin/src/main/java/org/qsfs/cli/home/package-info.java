/**
 * {@code QSFS_HOME}: where everything lies that qsfs keeps.
 *
 * <pre>
 * QSFS_HOME/
 *   qsfs.toml              configuration of the default volume, 0600
 *   keys/NAME.key          secret of a volume, 0600
 *   volumes/NAME/          what is local: losing it is losing the machine
 *     zdb/  index/  cache/   segments, the index, re-fetched stripes
 *     lock                 held by the process that has the volume open
 *     daemon               who that is: pid, mountpoint, socket
 *     qsfs.sock            its admin socket, 0600
 *     daemon.log           its log
 *   backends/NAME/         embedded backends and the local catalog: they stand for the remote side
 * </pre>
 *
 * <p>{@link org.qsfs.cli.home.Home} and {@link org.qsfs.cli.home.VolumeHome} only compute paths; {@link org.qsfs.cli.home.VolumeLock} keeps a volume to one
 * process; {@link org.qsfs.cli.home.DaemonRecord} says which; {@link org.qsfs.cli.home.PrivateFiles} writes files that only their owner may read.
 */
@NullMarked
package org.qsfs.cli.home;

import org.jspecify.annotations.NullMarked;
