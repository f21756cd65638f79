/**
 * What both bindings share: the workers that read and answer requests, who called, how a directory is listed, and what becomes of an exception.
 *
 * <p>Main types: {@link org.qsfs.fuse.session.WorkerPool} runs {@link org.qsfs.fuse.session.RequestSource}s, {@link org.qsfs.fuse.session.DirectoryListing}
 * fills a page of directory entries, {@link org.qsfs.fuse.session.Failures} turns exceptions into error numbers. Invariant: one request is handled by one
 * worker from start to end, so a worker's buffers need no locks. Threading: everything but a worker's own buffers is shared by all workers.
 */
@NullMarked
package org.qsfs.fuse.session;

import org.jspecify.annotations.NullMarked;
