/**
 * Names: {@link org.qsfs.fs.tree.Creation}, {@link org.qsfs.fs.tree.Linking} (link, unlink, rmdir), {@link org.qsfs.fs.tree.Renaming},
 * {@link org.qsfs.fs.tree.Listing}.
 *
 * <p>Invariants after every transaction: each name stands for an inode that exists; an inode has as many names as its link count says
 * (a directory 2 plus its sub-directories); a directory has exactly one name, and its parent pointer is the directory of that name; every name
 * stands in its directory's listing under its cookie, and nothing else does; following parents ends at the root.
 *
 * <p>Threading: everything is decided and changed under the namespace lock, except listings, which are read without it.
 */
@NullMarked
package org.qsfs.fs.tree;

import org.jspecify.annotations.NullMarked;
