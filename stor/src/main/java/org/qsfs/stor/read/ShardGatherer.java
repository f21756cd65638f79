package org.qsfs.stor.read;

import java.io.InterruptedIOException;
import java.util.BitSet;
import java.util.List;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.StripeCodec;

/**
 * Gets k good shards of a stripe from wherever they come soonest. {@link StripeGathering} is one such try.
 *
 * <p>Thread-safe.
 */
public final class ShardGatherer {
    private final BackendPool pool;
    private final ReadSettings settings;
    private final HedgeBudget hedges;
    private final DamageReports damages;
    private final ReadCounters counters;

    public ShardGatherer(BackendPool pool, ReadSettings settings, DamageReports damages, ReadCounters counters) {
        this.pool = pool;
        this.settings = settings;
        this.hedges = new HedgeBudget(settings.hedgePercent());
        this.damages = damages;
        this.counters = counters;
    }

    /**
     * Gets k good shards of a stripe.
     *
     * @param places where each shard is, by index
     * @throws StorException.Unreadable when fewer than k were found before the deadline, with what each backend said
     */
    public Shards gather(StripeCodec codec, int stripe, List<ShardPlace> places)
            throws StorException, InterruptedIOException {
        return gather(codec, stripe, places, codec::check, Arrivals.NONE, new BitSet());
    }

    /**
     * Gets k shards of a stripe as they are, without looking at their MACs: for who opens the stripe, whose tags then tell whether all of them were good. When they were not, {@link #gather}
     * finds out which.
     *
     * @param arrivals sees them as they come
     * @param first shards to be fetched before the others, if their backends are as good as others
     * @throws StorException.Unreadable as above
     */
    Shards gatherUnchecked(StripeCodec codec, int stripe, List<ShardPlace> places, Arrivals arrivals, BitSet first)
            throws StorException, InterruptedIOException {
        return gather(codec, stripe, places, codec::claim, arrivals, first);
    }

    private Shards gather(
            StripeCodec codec,
            int stripe,
            List<ShardPlace> places,
            StripeGathering.Inspection inspection,
            Arrivals arrivals,
            BitSet first)
            throws StorException, InterruptedIOException {
        counters.stripes.increment();
        hedges.earn();
        try {
            return new StripeGathering(
                            codec,
                            stripe,
                            places,
                            pool,
                            settings,
                            hedges,
                            damages,
                            counters,
                            inspection,
                            arrivals,
                            first)
                    .run();
        } catch (StorException.Unreadable failed) {
            counters.failures.increment();
            throw failed;
        }
    }
}
