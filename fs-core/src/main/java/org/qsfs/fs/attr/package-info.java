/**
 * Attributes of inodes and what they allow: {@link org.qsfs.fs.attr.Permissions}, {@link org.qsfs.fs.attr.AttributeChanges} (chmod, chown,
 * truncate, utimensat), {@link org.qsfs.fs.attr.ExtendedAttributes}, {@link org.qsfs.fs.attr.FlagChanges} (chattr).
 *
 * <p>Rules are Linux's where POSIX leaves a choice. Checks that decide are made under the namespace lock, in the transaction that they permit.
 */
@NullMarked
package org.qsfs.fs.attr;

import org.jspecify.annotations.NullMarked;
