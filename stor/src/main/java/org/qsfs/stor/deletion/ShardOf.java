package org.qsfs.stor.deletion;

import org.qsfs.encryption.AttemptId;

/**
 * A shard of an attempt.
 *
 * @param attempt the attempt
 * @param shard the shard index
 */
record ShardOf(AttemptId attempt, int shard) {}
