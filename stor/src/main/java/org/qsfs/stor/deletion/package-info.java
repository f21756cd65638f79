/** Deleting shards that nothing needs any more, and finding those that no record names ({@link org.qsfs.stor.deletion.OrphanCollector}). A shard counts as deleted when its backend acknowledged that; until then a record names it. */
@NullMarked
package org.qsfs.stor.deletion;

import org.jspecify.annotations.NullMarked;
