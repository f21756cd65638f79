package org.qsfs.stor.read;

import org.jspecify.annotations.Nullable;
import org.qsfs.stor.stripe.ShardHeader;

/**
 * Checked shards of one stripe.
 *
 * @param header header of one of them
 * @param values values by shard index, null where there is none; at least k are there
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
public record Shards(ShardHeader header, byte[] @Nullable [] values) {}
