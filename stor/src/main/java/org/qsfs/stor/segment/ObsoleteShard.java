package org.qsfs.stor.segment;

import org.qsfs.encryption.AttemptId;

/**
 * A shard that nothing needs any more and whose deletion its backend has not acknowledged yet.
 *
 * @param attempt the attempt that wrote it, or began to
 * @param shard its index
 * @param stripes how many values it has at most
 * @param backend where it may be
 * @param keys under which keys
 */
public record ObsoleteShard(AttemptId attempt, int shard, int stripes, BackendId backend, ShardKeys keys) {}
