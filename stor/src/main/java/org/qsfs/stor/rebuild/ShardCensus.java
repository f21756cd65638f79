package org.qsfs.stor.rebuild;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.qsfs.encryption.AttemptId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.rebuild.AttemptFound.Holding;
import org.qsfs.stor.segment.BackendFailure;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.ShardCheck;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.ScanEntry;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists every shard of a volume on all backends. The names of shards tell their attempt; what an attempt stored is read from one of its values, whose MAC proves it.
 *
 * <p>Costs a listing of every backend and the reading of one value per attempt, see {@link SequentialListing} for sequential ones. In memory are about 200 bytes per shard.
 *
 * @param attempts everything of which at least one whole value was found
 * @param unknown attempts of which no value could be read or proved, with the reason of the last try; left alone
 * @param notAsked backends that could not be listed to the end
 */
record ShardCensus(List<AttemptFound> attempts, Map<AttemptId, String> unknown, List<BackendFailure> notAsked) {
    private static final Logger LOG = LoggerFactory.getLogger(ShardCensus.class);
    private static final int AT_ONCE = 8;
    /** Stands for those attempts of which only values are left that do not tell whose they are. */
    private static final AttemptId NAMELESS = new AttemptId(0, 0);

    /** Asks all backends at the same time. */
    static ShardCensus take(BackendPool pool, VolumeKeys keys) throws InterruptedException {
        Map<AttemptId, List<Holding>> found = new HashMap<>();
        Map<AttemptId, String> unknown = new ConcurrentHashMap<>();
        List<BackendFailure> failures = new ArrayList<>();
        try (Codecs codecs = new Codecs(keys, 0);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<Backend, Future<Listing>> listings = new HashMap<>();
            for (Backend backend : pool.all()) {
                listings.put(backend, threads.submit(() -> list(backend, codecs)));
            }
            for (Map.Entry<Backend, Future<Listing>> listing : listings.entrySet()) {
                try {
                    Listing listed = listing.getValue().get();
                    listed.holdings()
                            .forEach((place, holding) -> found.computeIfAbsent(
                                            place.attempt(), attempt -> new ArrayList<>())
                                    .add(holding));
                    if (listed.nameless() > 0) {
                        unknown.put(
                                NAMELESS,
                                listed.nameless() + " values on backend "
                                        + listing.getKey().id() + " do not tell");
                    }
                } catch (ExecutionException failed) {
                    if (!(failed.getCause() instanceof ZdbException)) {
                        throw new IllegalStateException("listing a backend failed", failed.getCause());
                    }
                    failures.add(new BackendFailure(
                            listing.getKey().id(),
                            String.valueOf(failed.getCause().getMessage())));
                }
            }
            return identify(pool, codecs, found, unknown, failures);
        }
    }

    record Place(AttemptId attempt, int shard) {}

    /**
     * What one backend has.
     *
     * @param nameless values of which not even that is known what they are
     */
    record Listing(Map<Place, Holding> holdings, long nameless) {}

    private static Listing list(Backend backend, Codecs codecs) throws InterruptedException {
        OptionalLong incarnation = backend.incarnation();
        if (incarnation.isPresent()) {
            return new SequentialListing(backend, incarnation.getAsLong(), codecs).run();
        }
        Map<Place, Holding> holdings = new HashMap<>();
        backend.scan(entry -> ShardName.decode(entry.key())
                .filter(name -> name.volume().equals(codecs.volume()))
                .ifPresent(name -> count(holdings, backend.id(), name, entry)));
        return new Listing(holdings, 0);
    }

    private static void count(Map<Place, Holding> holdings, BackendId backend, ShardName name, ScanEntry entry) {
        holdings.compute(
                new Place(name.attempt(), name.shard()),
                (place, before) -> before == null
                        ? new Holding(backend, name.shard(), 1, name.stripe(), entry.timestamp(), ShardKeys.NAMED)
                        : before.and(entry.timestamp()));
    }

    private static ShardCensus identify(
            BackendPool pool,
            Codecs codecs,
            Map<AttemptId, List<Holding>> found,
            Map<AttemptId, String> unknown,
            List<BackendFailure> failures)
            throws InterruptedException {
        Collection<AttemptFound> attempts = new java.util.concurrent.ConcurrentLinkedQueue<>();
        try (ExecutorService threads =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            List<Future<?>> tasks = new ArrayList<>();
            found.forEach((attempt, holdings) -> tasks.add(threads.submit(
                    () -> identify(pool, codecs, attempt, holdings, unknown).ifPresent(attempts::add))));
            for (Future<?> task : tasks) {
                task.get();
            }
        } catch (ExecutionException failed) {
            throw new IllegalStateException("reading a shard failed", failed.getCause());
        }
        unknown.forEach((attempt, why) -> LOG.warn("attempt {} is left alone: {}", attempt, why));
        return new ShardCensus(List.copyOf(attempts), Map.copyOf(unknown), List.copyOf(failures));
    }

    private static Optional<AttemptFound> identify(
            BackendPool pool,
            Codecs codecs,
            AttemptId attempt,
            List<Holding> holdings,
            Map<AttemptId, String> unknown) {
        String why = "";
        for (Holding holding : holdings) {
            try {
                Backend backend = pool.find(holding.backend()).orElseThrow();
                return Optional.of(new AttemptFound(
                        prove(backend, codecs, attempt, holding).attempt(), holdings));
            } catch (ZdbException | StorException failed) {
                why = "shard " + holding.shard() + " on backend " + holding.backend() + ": " + failed.getMessage();
            }
        }
        unknown.put(attempt, why);
        return Optional.empty();
    }

    private static ShardHeader prove(Backend backend, Codecs codecs, AttemptId attempt, Holding holding)
            throws StorException {
        ShardName name = new ShardName(codecs.volume(), attempt, holding.stripe(), holding.shard());
        byte[] value = backend.read(name, holding.keys())
                .orElseThrow(() -> new StorException.Damaged("it is gone since it was listed"));
        ShardHeader header = ShardHeader.decode(value);
        if (!header.attempt().volume().equals(codecs.volume())
                || !header.attempt().id().equals(attempt)) {
            throw new StorException.Damaged(
                    "it is a shard of attempt " + header.attempt().id());
        }
        try (StripeCodec codec = codecs.of(header.attempt())) {
            if (codec.check(holding.stripe(), holding.shard(), value) instanceof ShardCheck.Bad(String reason)) {
                throw new StorException.Damaged(reason);
            }
        }
        return header;
    }
}
