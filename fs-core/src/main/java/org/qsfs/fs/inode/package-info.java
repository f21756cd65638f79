/**
 * Inodes and how the rows of a volume change.
 *
 * <p>{@link org.qsfs.fs.inode.Metadata} reads rows as objects through bounded caches and is the only place that commits;
 * {@link org.qsfs.fs.inode.Change} is one transaction while it is made; {@link org.qsfs.fs.inode.Orphans} knows what is referred to
 * from outside and which inodes have no name; {@link org.qsfs.fs.inode.AccessTimes} keeps access times that are not written yet.
 *
 * <p>Threading: one namespace lock (in {@code Metadata}) is held while a change is made and committed, which waits for nothing but the
 * buffered append to the journal. Reads take no lock. The locks of file data ({@code org.qsfs.fs.data}) are taken before the namespace
 * lock, never after.
 */
@NullMarked
package org.qsfs.fs.inode;

import org.jspecify.annotations.NullMarked;
