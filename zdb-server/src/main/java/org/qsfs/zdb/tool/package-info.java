/**
 * Tools for directories that no server uses: {@code check}, {@code dump}, {@code compact}, {@code rebuild-index}. They read 0-db's
 * own directories, too.
 *
 * <p>{@link org.qsfs.zdb.tool.ZdbTool} reads the command line. {@code check} and {@code dump} change nothing. All take the locks
 * of both directories, so they never run beside a qsfs zdb. One thread.
 */
@NullMarked
package org.qsfs.zdb.tool;

import org.jspecify.annotations.NullMarked;
