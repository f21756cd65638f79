/** A catalog as a file, to keep a copy of it or to move it: {@link org.qsfs.metadata.dump.CatalogDump} writes, reads and loads one. Values stay sealed. */
@NullMarked
package org.qsfs.metadata.dump;

import org.jspecify.annotations.NullMarked;
