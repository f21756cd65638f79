package org.qsfs.stor.repair;

import java.util.BitSet;
import java.util.Optional;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.stripe.ShardCheck;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.ZdbException;

/** Reads every value of one shard and checks its MAC: the only proof that it is there, whole, and the right one. */
final class ShardVerification {
    private ShardVerification() {}

    /**
     * The stripes whose value is missing, rotten or foreign.
     *
     * @throws ZdbException when the backend does not answer, which says nothing about the shard
     */
    static BitSet badStripes(StripeCodec codec, int shard, Backend backend) {
        BitSet bad = new BitSet();
        for (int stripe = 0; stripe < codec.attempt().layout().stripes(); stripe++) {
            if (!isGood(codec, stripe, shard, backend)) {
                bad.set(stripe);
            }
        }
        return bad;
    }

    private static boolean isGood(StripeCodec codec, int stripe, int shard, Backend backend) {
        byte[] name = new ShardName(codec.attempt().volume(), codec.attempt().id(), stripe, shard).encode();
        try {
            Optional<byte[]> value = backend.read(name);
            return value.isPresent() && codec.check(stripe, shard, value.get()) instanceof ShardCheck.Good;
        } catch (ZdbException.Unreadable rotten) {
            return false;
        }
    }
}
