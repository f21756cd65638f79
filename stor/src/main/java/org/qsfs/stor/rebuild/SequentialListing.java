package org.qsfs.stor.rebuild;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.rebuild.AttemptFound.Holding;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.ShardCheck;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.SequentialKey;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one sequential backend has. Ids tell nothing, so every value is read and says itself what it is; its MAC proves it. Values of another volume do not count, damaged ones neither, but
 * those are told. Of two values for one stripe of a shard the first counts, the other one is left to the collector of orphans.
 *
 * <p>Costs the reading of everything on that backend. Used once.
 */
final class SequentialListing {
    private static final Logger LOG = LoggerFactory.getLogger(SequentialListing.class);
    private static final int AT_ONCE = 8;

    private final Backend backend;
    private final long incarnation;
    private final Codecs codecs;
    private final Map<ShardCensus.Place, Tally> tallies = new HashMap<>();
    private final LongAdder nameless = new LongAdder();

    private record Entry(long id, long timestamp) {}

    /** One shard, stripe by stripe. */
    private static final class Tally {
        private final List<Long> ids = new ArrayList<>();
        private final BitSet whole = new BitSet();
        private int stripe;
        private long lastWrite;

        void add(int at, Entry entry, boolean isWhole) {
            while (ids.size() <= at) {
                ids.add(ShardKeys.Sequential.UNKNOWN);
            }
            if (isWhole && !whole.get(at)) {
                ids.set(at, entry.id());
                whole.set(at);
                stripe = at;
                lastWrite = Math.max(lastWrite, entry.timestamp());
            } else if (ids.get(at) == ShardKeys.Sequential.UNKNOWN) {
                // a repair writes over it
                ids.set(at, entry.id());
                stripe = whole.isEmpty() ? at : stripe;
            }
        }
    }

    SequentialListing(Backend backend, long incarnation, Codecs codecs) {
        this.backend = backend;
        this.incarnation = incarnation;
        this.codecs = codecs;
    }

    /** @throws ZdbException when the backend did not tell everything */
    ShardCensus.Listing run() throws InterruptedException {
        List<Entry> entries = new ArrayList<>();
        backend.scan(entry ->
                SequentialKey.id(entry.key()).ifPresent(id -> entries.add(new Entry(id, entry.timestamp()))));
        readAll(entries);
        Map<ShardCensus.Place, Holding> holdings = new HashMap<>();
        tallies.forEach((place, tally) -> holdings.put(
                place,
                new Holding(
                        backend.id(),
                        place.shard(),
                        tally.whole.cardinality(),
                        tally.stripe,
                        tally.lastWrite,
                        new ShardKeys.Sequential(incarnation, tally.ids))));
        return new ShardCensus.Listing(holdings, nameless.sum());
    }

    private void readAll(List<Entry> entries) throws InterruptedException {
        try (ExecutorService threads =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            List<Future<?>> reads = new ArrayList<>();
            for (Entry entry : entries) {
                reads.add(threads.submit(() -> read(entry)));
            }
            try {
                for (Future<?> read : reads) {
                    read.get();
                }
            } finally {
                threads.shutdownNow();
            }
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof ZdbException noAnswer) {
                throw noAnswer;
            }
            throw new IllegalStateException("reading a value failed", failed.getCause());
        }
    }

    private void read(Entry entry) {
        try {
            Optional<byte[]> value = backend.read(incarnation, entry.id());
            if (value.isPresent()) {
                ShardHeader header = ShardHeader.decode(value.get());
                if (header.attempt().volume().equals(codecs.volume())) {
                    add(header, entry, isWhole(header, value.get()));
                }
            }
        } catch (StorException | ZdbException.Unreadable damaged) {
            nameless.increment();
            LOG.warn("value {} on backend {} does not count: {}", entry.id(), backend.id(), damaged.getMessage());
        }
    }

    private boolean isWhole(ShardHeader header, byte[] value) throws StorException {
        try (StripeCodec codec = codecs.of(header.attempt())) {
            return codec.check(header.stripe(), header.shard(), value) instanceof ShardCheck.Good;
        }
    }

    private synchronized void add(ShardHeader header, Entry entry, boolean isWhole) {
        tallies.computeIfAbsent(new ShardCensus.Place(header.attempt().id(), header.shard()), place -> new Tally())
                .add(header.stripe(), entry, isWhole);
    }
}
