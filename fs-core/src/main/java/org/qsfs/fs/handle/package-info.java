/** What is open: {@link org.qsfs.fs.handle.Handles} finds a {@link org.qsfs.fs.handle.Handle} by its number, without locks. */
@NullMarked
package org.qsfs.fs.handle;

import org.jspecify.annotations.NullMarked;
