package org.qsfs.stor.repair;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.ShardTarget;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.flow.ForegroundWork;
import org.qsfs.stor.flow.RateLimit;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.ShardCheck;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.ZdbException;

/**
 * Moves a whole shard to another backend without the segment ever having fewer: copies value by value, each checked, and only then changes the record. A value that
 * cannot be read where it is is made from k others. What the copy begins is in the record as garbage beforehand, so a crash leaves nothing that is not named.
 *
 * <p>The caller holds the segment's lock.
 */
final class ShardMove {
    private final SegmentCatalog catalog;
    private final BackendPool pool;
    private final Codecs codecs;
    private final ShardRegeneration regeneration;
    private final ForegroundWork foreground;
    private final RateLimit rate;
    private final InstantSource clock;

    ShardMove(
            SegmentCatalog catalog,
            BackendPool pool,
            Codecs codecs,
            ShardRegeneration regeneration,
            ForegroundWork foreground,
            RateLimit rate,
            InstantSource clock) {
        this.catalog = catalog;
        this.pool = pool;
        this.codecs = codecs;
        this.regeneration = regeneration;
        this.foreground = foreground;
        this.rate = rate;
        this.clock = clock;
    }

    /**
     * Moves a shard.
     *
     * @return the record afterwards; where the shard was is garbage in it
     * @throws IOException when a value can neither be read nor made, the target does not take it, or the catalog does not accept a change
     */
    SegmentRecord move(SegmentRecord record, int shard, Backend target) throws IOException, InterruptedException {
        ShardTarget copy = new ShardTarget(target, record.keysOn(target.id(), shard));
        SegmentRecord begun = record.withCopyTo(shard, target.id(), copy.keys());
        catalog.put(begun);
        boolean complete = false;
        try (StripeCodec codec = codecs.of(begun)) {
            for (int stripe = 0; stripe < begun.layout().stripes(); stripe++) {
                foreground.yieldToReads();
                copy(begun, codec, stripe, shard, copy);
            }
            complete = true;
        } finally {
            if (!complete) {
                catalog.leave(begun, begun.withKeys(shard, target.id(), copy.keys()));
            }
        }
        SegmentRecord moved = begun.moved(shard, new ShardPlace(target.id(), ShardState.PRESENT, copy.keys()));
        moved = moved.with(moved.shards(), clock.instant(), moved.obsolete());
        catalog.put(moved);
        return moved;
    }

    private void copy(SegmentRecord record, StripeCodec codec, int stripe, int shard, ShardTarget target)
            throws IOException, InterruptedException {
        ShardName name = new ShardName(codec.attempt().volume(), codec.attempt().id(), stripe, shard);
        Optional<byte[]> value = value(record, codec, name);
        if (value.isEmpty()) {
            regeneration.regenerate(codec, stripe, record.shards(), Map.of(shard, target));
            return;
        }
        try {
            target.write(name, value.get());
        } catch (ZdbException failed) {
            throw new IOException(
                    "shard " + shard + " of segment " + record.id() + " cannot be moved to backend "
                            + target.backend().id() + ": " + failed.getMessage(),
                    failed);
        }
    }

    private Optional<byte[]> value(SegmentRecord record, StripeCodec codec, ShardName name)
            throws InterruptedException {
        ShardPlace place = record.shards().get(name.shard());
        Optional<Backend> source = pool.find(place.backend());
        if (source.isEmpty()) {
            return Optional.empty();
        }
        try {
            rate.acquire(2L * codec.longestValue(name.stripe()));
            return source.get()
                    .read(name, place.keys())
                    .filter(bytes -> codec.check(name.stripe(), name.shard(), bytes) instanceof ShardCheck.Good);
        } catch (ZdbException notReadable) {
            return Optional.empty();
        }
    }
}
