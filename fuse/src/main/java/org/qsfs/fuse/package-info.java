/**
 * Mounts a {@link org.qsfs.fs.FileSystem} through FUSE.
 *
 * <p>{@link org.qsfs.fuse.FuseMount} mounts by {@link org.qsfs.fuse.MountOptions} and gives a {@link org.qsfs.fuse.MountedFileSystem}. Two bindings do the
 * work: {@code org.qsfs.fuse.kernel} speaks the FUSE protocol on {@code /dev/fuse} itself, {@code org.qsfs.fuse.jnr} goes through libfuse 2. What they share
 * (workers, callers, directory listings, failures) is {@code org.qsfs.fuse.session}; system calls are {@code org.qsfs.fuse.system}.
 *
 * <p>Invariants: an application's call never sees an exception other than an error number; a worker that throws answers EIO and the mount survives; nothing
 * here touches the mountpoint from a thread that serves it, since such a call waits for itself. Threading: all public types may be used by many threads.
 */
@NullMarked
package org.qsfs.fuse;

import org.jspecify.annotations.NullMarked;
