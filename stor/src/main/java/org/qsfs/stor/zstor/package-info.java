/**
 * Reads what zstor (0-stor_v2) wrote: its metadata store of four user-mode namespaces and the sequential namespaces with the shards. Nothing is written to either.
 *
 * <p>{@link org.qsfs.stor.zstor.ZstorArchive} is the way in; {@link org.qsfs.stor.zstor.ZstorPath} turns a path into the hash that an object is found by. The formats are those of
 * zstor 0.5.0-rc.1, described at the classes that read them.
 *
 * <p>Memory is bounded: a metadata value is at most 8 MiB per shard, of an object k pieces of 2 MiB are in memory at once.
 */
@NullMarked
package org.qsfs.stor.zstor;

import org.jspecify.annotations.NullMarked;
