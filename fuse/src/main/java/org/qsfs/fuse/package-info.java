/** FUSE bindings of the filesystem. */
@NullMarked
package org.qsfs.fuse;

import org.jspecify.annotations.NullMarked;
