/**
 * A catalog in four or more user-mode namespaces of zdb servers, as zstor keeps its metadata, but with a generation in every shard and quorums.
 *
 * <p>{@link org.qsfs.metadata.zdb.ZdbCatalog} is the catalog. {@link org.qsfs.metadata.zdb.Nodes} talks to all namespaces at once, {@link org.qsfs.metadata.zdb.ShardFormat} is what one of them
 * holds of a value, {@link org.qsfs.metadata.zdb.Resolution} decides from several answers what the value is, {@link org.qsfs.metadata.zdb.WriterRecord} says who the writer is, {@link
 * org.qsfs.metadata.zdb.ZdbLeases} gives the right to write.
 *
 * <p><b>Quorums.</b> With n namespaces and k data shards a write needs w = max(k + 1, n − k + 1) of them, or k where that is allowed by the configuration; a read needs n − w + 1 answers, so that it hears
 * of every write, and k shards. With 2+2: writes with three, reads with any two that are up to date.
 *
 * <p><b>One writer.</b> zdb has no compare-and-set. One process writes; another may only take over when an operator says so. Names contain the epoch, so what a writer that was taken over
 * still writes does not touch its successor's values.
 */
@NullMarked
package org.qsfs.metadata.zdb;

import org.jspecify.annotations.NullMarked;
