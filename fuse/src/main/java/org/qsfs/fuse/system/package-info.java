/**
 * The system calls that mounting and the FUSE device need, through {@code java.lang.foreign}, and the kernel's mount table.
 *
 * <p>Main types: {@link org.qsfs.fuse.system.Linux} (calls that answer like the kernel: a result, or the negated error number) and
 * {@link org.qsfs.fuse.system.MountTable}. Stateless; any thread.
 */
@NullMarked
package org.qsfs.fuse.system;

import org.jspecify.annotations.NullMarked;
