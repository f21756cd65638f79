/**
 * The process behind a mount.
 *
 * <p>{@link org.qsfs.cli.daemon.VolumeDaemon} holds one volume from lock to unlock: log, admin socket, embedded backends, the volume itself, the mount; it ends
 * by `umount`, by a signal, or when somebody else unmounts. {@link org.qsfs.cli.daemon.DetachedStart} starts it as a process of its own and waits until the mount
 * answers. {@link org.qsfs.cli.daemon.EmbeddedBackends} runs and supervises the backends of a volume that has none elsewhere.
 * {@link org.qsfs.cli.daemon.FirstVolume} writes the configuration of a volume on a machine that has none.
 *
 * <p>Invariants: a volume is open in one process; the process never touches its own mount; it can be killed at any moment and loses nothing that was fsynced;
 * every wait has a deadline.
 */
@NullMarked
package org.qsfs.cli.daemon;

import org.jspecify.annotations.NullMarked;
