package org.qsfs.stor.repair;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.backend.ShardTarget;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.check.ShardInspection;
import org.qsfs.stor.flow.ForegroundWork;
import org.qsfs.stor.placement.BackendChoice;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one segment whole again.
 *
 * <p>Shards that the record does not call present, and those in suspicion, are looked at first: a backend that came back may have all or most of its values, and then
 * only the bad ones are made again, in place. A shard whose backend cannot be written to goes to another one, if with one the policy is still kept. The new places
 * are recorded as intents before anything is written, and as present when everything was acknowledged. Whatever cannot be mended now is left for the next time.
 *
 * <p>The caller holds the segment's lock.
 */
public final class SegmentRepair {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentRepair.class);

    private final SegmentCatalog catalog;
    private final BackendPool pool;
    private final LostBackends lost;
    private final Codecs codecs;
    private final ShardRegeneration regeneration;
    private final ShardInspection inspection;
    private final ForegroundWork foreground;
    private final RandomGenerator random;
    private final InstantSource clock;

    public SegmentRepair(
            SegmentCatalog catalog,
            BackendPool pool,
            LostBackends lost,
            Codecs codecs,
            ShardRegeneration regeneration,
            ShardInspection inspection,
            ForegroundWork foreground,
            RandomGenerator random,
            InstantSource clock) {
        this.catalog = catalog;
        this.pool = pool;
        this.lost = lost;
        this.codecs = codecs;
        this.regeneration = regeneration;
        this.inspection = inspection;
        this.foreground = foreground;
        this.random = random;
        this.clock = clock;
    }

    /** What is to be done for one shard. */
    private record Job(ShardTarget target, BitSet stripes) {}

    /**
     * Mends what can be mended now.
     *
     * @param record a readable segment
     * @param suspects shards that a reader or scrubber found damaged
     * @return the record afterwards
     * @throws IOException when k good shards cannot be read, or the catalog does not accept a change
     */
    public SegmentRecord repair(SegmentRecord record, Set<Integer> suspects) throws IOException, InterruptedException {
        try (StripeCodec codec = codecs.of(record)) {
            Map<Integer, Job> jobs = inspect(record, codec, suspects);
            SegmentRecord degraded = withoutLost(planned(record, jobs), jobs);
            moveFromDead(degraded, jobs);
            if (jobs.isEmpty() && degraded.equals(record)) {
                return record;
            }
            SegmentRecord intended = intend(degraded, jobs);
            Optional<Set<Integer>> done = Optional.empty();
            try {
                done = Optional.of(carryOut(intended, codec, jobs));
            } finally {
                if (done.isEmpty()) {
                    catalog.leave(intended, withKeys(intended, jobs));
                }
            }
            return conclude(withKeys(intended, jobs), done.get());
        }
    }

    /** Shards to mend where they are, with the stripes that are bad; nothing for those that are found whole. */
    private Map<Integer, Job> inspect(SegmentRecord record, StripeCodec codec, Set<Integer> suspects)
            throws InterruptedException {
        Map<Integer, Job> jobs = new TreeMap<>();
        for (int shard = 0; shard < record.shards().size(); shard++) {
            ShardPlace place = record.shards().get(shard);
            Optional<Backend> backend = pool.find(place.backend()).filter(SegmentRepair::takesWrites);
            if (backend.isPresent() && (place.state() != ShardState.PRESENT || suspects.contains(shard))) {
                try {
                    ShardInspection.Finding found =
                            inspection.inspect(CheckDepth.READ, codec, shard, backend.get(), place.keys());
                    jobs.put(shard, new Job(new ShardTarget(backend.get(), place.keys()), found.bad()));
                } catch (ZdbException | IOException noAnswer) {
                    LOG.debug("shard {} of {} cannot be looked at: {}", shard, record.id(), noAnswer.getMessage());
                }
            }
        }
        return jobs;
    }

    /** The record with every shard that is known not to be whole, or not to be reachable ever, as MISSING, and DEGRADED if there is one. */
    private SegmentRecord planned(SegmentRecord record, Map<Integer, Job> jobs) {
        List<ShardPlace> places = new ArrayList<>(record.shards());
        places.replaceAll(place -> lost.isRemoved(place.backend()) ? place.with(ShardState.MISSING) : place);
        jobs.forEach((shard, job) -> {
            if (!job.stripes().isEmpty()) {
                places.set(shard, places.get(shard).with(ShardState.MISSING));
            }
        });
        return record.withPlaces(places);
    }

    /**
     * The same without the shards on backends that have been down for long, if they can be made again elsewhere now: enough others are within reach, and there is a
     * place for them. Otherwise nothing is gained by giving up what may come back.
     */
    private SegmentRecord withoutLost(SegmentRecord record, Map<Integer, Job> jobs) {
        List<ShardPlace> places = new ArrayList<>(record.shards());
        places.replaceAll(place -> place.state() == ShardState.PRESENT && lost.isDownForLong(place.backend())
                ? place.with(ShardState.MISSING)
                : place);
        if (places.equals(record.shards())) {
            return record;
        }
        long reachable = places.stream()
                .filter(place -> place.state() == ShardState.PRESENT)
                .flatMap(place -> pool.find(place.backend()).stream())
                .filter(backend -> backend.identified() && backend.state() != BackendState.DOWN)
                .count();
        SegmentRecord without = record.withPlaces(places);
        boolean movable = reachable >= record.policy().minimalShards()
                && homes(without, homeless(without, jobs)).isPresent();
        return movable ? without : record;
    }

    /** Adds jobs for shards whose backend takes no writes: all their stripes, on other backends. */
    private void moveFromDead(SegmentRecord record, Map<Integer, Job> jobs) {
        List<Integer> homeless = homeless(record, jobs);
        if (homeless.isEmpty()) {
            return;
        }
        homes(record, homeless).ifPresent(chosen -> {
            for (int i = 0; i < homeless.size(); i++) {
                BitSet all = new BitSet();
                all.set(0, record.layout().stripes());
                Backend home = chosen.get(i);
                ShardKeys there = record.keysOn(home.id(), homeless.get(i));
                jobs.put(homeless.get(i), new Job(new ShardTarget(home, there), all));
            }
        });
    }

    private static List<Integer> homeless(SegmentRecord record, Map<Integer, Job> jobs) {
        return IntStream.range(0, record.shards().size())
                .filter(shard -> record.shards().get(shard).state() != ShardState.PRESENT && !jobs.containsKey(shard))
                .boxed()
                .toList();
    }

    /** A backend for each homeless shard, empty when with none the policy is kept. */
    private Optional<List<Backend>> homes(SegmentRecord record, List<Integer> homeless) {
        List<Backend> staying = new ArrayList<>();
        for (int shard = 0; shard < record.shards().size(); shard++) {
            if (!homeless.contains(shard)) {
                pool.find(record.shards().get(shard).backend()).ifPresent(staying::add);
            }
        }
        long bytes = record.layout().segmentLength() / record.policy().minimalShards();
        return new BackendChoice(pool, record.policy(), random, bytes).forMissing(staying, Set.of());
    }

    private SegmentRecord intend(SegmentRecord record, Map<Integer, Job> jobs) throws IOException {
        SegmentRecord intended = record;
        for (Map.Entry<Integer, Job> job : jobs.entrySet()) {
            if (!job.getValue().stripes().isEmpty()) {
                ShardTarget target = job.getValue().target();
                intended = intended.moved(
                        job.getKey(), new ShardPlace(target.backend().id(), ShardState.ADDING, target.keys()));
            }
        }
        catalog.put(intended);
        return intended;
    }

    /** @return the shards that are whole now */
    private Set<Integer> carryOut(SegmentRecord record, StripeCodec codec, Map<Integer, Job> jobs)
            throws IOException, InterruptedException {
        Map<Integer, Job> left = new HashMap<>(jobs);
        for (int stripe = 0; stripe < record.layout().stripes(); stripe++) {
            Map<Integer, ShardTarget> targets = new HashMap<>();
            for (Map.Entry<Integer, Job> job : left.entrySet()) {
                if (job.getValue().stripes().get(stripe)) {
                    targets.put(job.getKey(), job.getValue().target());
                }
            }
            while (!targets.isEmpty()) {
                foreground.yieldToReads();
                try {
                    regeneration.regenerate(codec, stripe, record.shards(), targets);
                    break;
                } catch (ShardRegeneration.WriteFailed failed) {
                    LOG.info("repair of shard {} of {} failed: {}", failed.shard(), record.id(), failed.getMessage());
                    targets.remove(failed.shard());
                    left.remove(failed.shard());
                }
            }
        }
        return Set.copyOf(left.keySet());
    }

    /** The record with the keys under which the targets took values until now. */
    private static SegmentRecord withKeys(SegmentRecord intended, Map<Integer, Job> jobs) {
        SegmentRecord next = intended;
        for (Map.Entry<Integer, Job> job : jobs.entrySet()) {
            ShardTarget target = job.getValue().target();
            next = next.withKeys(job.getKey(), target.backend().id(), target.keys());
        }
        return next;
    }

    private SegmentRecord conclude(SegmentRecord intended, Set<Integer> done) throws IOException {
        List<ShardPlace> places = new ArrayList<>();
        for (int shard = 0; shard < intended.shards().size(); shard++) {
            ShardPlace place = intended.shards().get(shard);
            if (done.contains(shard)) {
                places.add(place.with(ShardState.PRESENT));
            } else {
                places.add(place.state() == ShardState.ADDING ? place.with(ShardState.MISSING) : place);
            }
        }
        Instant now = clock.instant();
        SegmentRecord next = intended.with(places, done.isEmpty() ? intended.lastWrite() : now, intended.obsolete());
        boolean whole = next.count(ShardState.PRESENT) == places.size();
        if (whole && next.state() != StoredState.STORED) {
            next = next.with(StoredState.STORED);
        }
        catalog.put(next);
        LOG.info(
                "segment {} is {} with {} of {} shards",
                next.id(),
                next.state(),
                next.count(ShardState.PRESENT),
                places.size());
        return next;
    }

    private static boolean takesWrites(Backend backend) {
        return backend.identified() && backend.state().writable();
    }
}
