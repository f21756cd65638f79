/**
 * Storing segments. {@link org.qsfs.stor.upload.Upload} is one attempt: it encodes stripes and writes their shards; {@link org.qsfs.stor.upload.Layout} decides where
 * each shard goes and where it goes when a backend fails.
 *
 * <p>Intent first: before a backend gets the first value of a shard, the record in the catalog names it. So whatever happens, the record tells where garbage can be.
 */
@NullMarked
package org.qsfs.stor.upload;

import org.jspecify.annotations.NullMarked;
