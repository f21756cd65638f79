package org.qsfs.stor.read;

import org.jspecify.annotations.Nullable;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.stor.stripe.StripeCodec;

/**
 * Shards of one stripe.
 *
 * @param header header of one of them
 * @param values values by shard index, null where there is none; at least k are there
 */
@SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
public record Shards(ShardHeader header, byte[] @Nullable [] values) {
    /** Shows the data shards that are there. */
    void showData(StripeCodec codec, Arrivals arrivals) {
        for (int shard = 0; shard < codec.attempt().policy().minimalShards(); shard++) {
            byte[] value = values[shard];
            if (value != null) {
                arrivals.arrived(codec, header.ofShard(shard), value);
            }
        }
    }
}
