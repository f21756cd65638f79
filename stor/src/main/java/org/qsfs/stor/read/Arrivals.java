package org.qsfs.stor.read;

import java.util.BitSet;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.stor.stripe.StripeCodec;

/** Who waits for a stripe, and looks at its shards while they come. Called by several threads at once. */
interface Arrivals {
    /** For whoever waits for the whole stripe. */
    Arrivals NONE = new Arrivals() {
        @Override
        public BitSet awaited(StripeCodec codec, int stripe) {
            return new BitSet();
        }

        @Override
        public void arrived(StripeCodec codec, ShardHeader header, byte[] value) {}
    };

    /** The data shards that hold what somebody waits for now, if the stripe was not compressed; empty when nobody waits for a part. */
    BitSet awaited(StripeCodec codec, int stripe);

    /**
     * Another shard is here; its MAC was not looked at.
     *
     * @param header what it says of itself
     */
    void arrived(StripeCodec codec, ShardHeader header, byte[] value);
}
