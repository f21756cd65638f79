/** The filesystem: inodes, names and extents on an append-only log. */
@NullMarked
package org.qsfs.fs;

import org.jspecify.annotations.NullMarked;
