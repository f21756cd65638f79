/**
 * Checks a volume: {@link org.qsfs.fs.check.VolumeCheck} reads all rows and hands out a {@link org.qsfs.fs.check.Finding} for everything that contradicts the
 * invariants of the other packages. It changes nothing.
 *
 * <p>Memory is bounded: rows are walked in key order and joined with the inode rows; link counts are counted in windows of inode numbers,
 * one walk over all names each.
 */
@NullMarked
package org.qsfs.fs.check;

import org.jspecify.annotations.NullMarked;
