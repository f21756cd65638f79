package org.qsfs.stor.read;

import org.jspecify.annotations.Nullable;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.stor.stripe.StripeCodec;

/** Looks at the shards of a stripe while they come. Called by the thread that gathers them. */
interface Arrivals {
    /** For whoever waits for the whole stripe. */
    Arrivals NONE = (codec, header, values) -> {};

    /**
     * Another shard is here; its MAC is not checked yet.
     *
     * @param header of one of them
     * @param values those that are here, by index, null for others
     */
    void arrived(StripeCodec codec, ShardHeader header, byte[] @Nullable [] values);
}
