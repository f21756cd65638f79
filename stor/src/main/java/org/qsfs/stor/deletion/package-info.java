/** Deleting shards that nothing needs any more. A shard counts as deleted when its backend acknowledged that; until then a record names it. */
@NullMarked
package org.qsfs.stor.deletion;

import org.jspecify.annotations.NullMarked;
