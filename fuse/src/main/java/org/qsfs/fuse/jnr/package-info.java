/**
 * The binding through libfuse 2, called by jnr-ffi, with the native structures of jnr-fuse.
 *
 * <p>It uses libfuse's inode-level ("low-level") API, not the path-level one that jnr-fuse wraps: see docs/decisions/0004-fuse-inode-level-api.md. Names are passed as
 * bytes and never decoded. {@link org.qsfs.fuse.jnr.JnrConnection} owns the session; {@code JnrWorker} receives requests on a Java thread and hands them to
 * libfuse, which calls the callbacks of {@code JnrOperations} on the same thread. libfuse installs no signal handlers, starts no threads and never exits the
 * process, because only its session functions are used.
 *
 * <p>Addresses are plain {@code long}s in all signatures, so a call allocates no pointer objects. Callbacks never throw into native code.
 */
@NullMarked
package org.qsfs.fuse.jnr;

import org.jspecify.annotations.NullMarked;
