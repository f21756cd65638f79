package org.qsfs.stor.deletion;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.flow.ForegroundWork;
import org.qsfs.stor.flow.RateLimit;
import org.qsfs.stor.segment.BackendFailure;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.zdb.client.ScanEntry;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes shards that no record names, whatever brought them there: a backend that was away when its garbage was forgotten and came back, a catalog that was made again.
 *
 * <p>What is being written is never one: the record names a shard before its first value is written, and the records are read again after the backend was listed. A shard
 * is left when it is younger than the grace, when it was written in a later epoch than ours, so that somebody else's records may name it, and when nothing on it can be
 * read. One collection at a time; backends one after another.
 */
public final class OrphanCollector {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanCollector.class);
    /** More are left for the next time. */
    private static final int MOST_SHARDS = 50_000;

    private final VolumeId volume;
    private final SegmentCatalog catalog;
    private final BackendPool pool;
    private final RateLimit rate;
    private final ForegroundWork foreground;
    private final OrphanCounters counters;
    private final InstantSource clock;

    private static final class Found {
        final List<Integer> stripes = new ArrayList<>();
        long bytes;
        long newest;
    }

    /** @param rate of reading values */
    public OrphanCollector(
            VolumeId volume,
            SegmentCatalog catalog,
            BackendPool pool,
            RateLimit rate,
            ForegroundWork foreground,
            OrphanCounters counters,
            InstantSource clock) {
        this.volume = volume;
        this.catalog = catalog;
        this.pool = pool;
        this.rate = rate;
        this.foreground = foreground;
        this.counters = counters;
        this.clock = clock;
    }

    /**
     * Looks at every backend that answers.
     *
     * @param grace age below which nothing is touched
     * @param delete whether to delete what is found
     * @throws StorException.NotWriter when this process is not the writer (any more)
     */
    public OrphanReport collect(Duration grace, boolean delete) throws IOException, InterruptedException {
        OrphanReport all = OrphanReport.NONE;
        for (Backend backend : pool.all()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("collecting orphans was interrupted");
            }
            try {
                if (!backend.identified() || backend.state() == BackendState.DOWN) {
                    all = all.plus(unreachable(backend, backend.detail()));
                } else {
                    all = all.plus(collect(backend, grace, delete));
                }
            } catch (ZdbException failed) {
                all = all.plus(unreachable(backend, String.valueOf(failed.getMessage())));
            }
        }
        counters.ended(all);
        LOG.info("orphans: {}", all);
        return all;
    }

    private static OrphanReport unreachable(Backend backend, String reason) {
        return new OrphanReport(0, 0, 0, 0, 0, 0, 0, List.of(new BackendFailure(backend.id(), reason)));
    }

    private OrphanReport collect(Backend backend, Duration grace, boolean delete)
            throws IOException, InterruptedException {
        OptionalLong incarnation = backend.incarnation();
        if (incarnation.isPresent()) {
            return new SequentialOrphans(volume, catalog, backend, incarnation.getAsLong(), rate, foreground)
                    .collect(clock.instant().minus(grace), delete);
        }
        Map<ShardOf, Found> found = list(backend, NamedShards.on(backend.id(), catalog));
        // whoever began to write meanwhile has said so in a record first
        NamedShards now = NamedShards.on(backend.id(), catalog);
        found.keySet().removeIf(place -> now.contains(place.attempt(), place.shard()));
        OrphanReport report = OrphanReport.NONE;
        for (Map.Entry<ShardOf, Found> orphan : found.entrySet()) {
            report = report.plus(judge(backend, orphan.getKey(), orphan.getValue(), grace, delete));
        }
        return report;
    }

    private Map<ShardOf, Found> list(Backend backend, NamedShards named) {
        Map<ShardOf, Found> found = new LinkedHashMap<>();
        backend.scan(entry -> ShardName.decode(entry.key())
                .filter(name -> name.volume().equals(volume) && !named.contains(name.attempt(), name.shard()))
                .ifPresent(name -> add(found, name, entry)));
        return found;
    }

    private static void add(Map<ShardOf, Found> found, ShardName name, ScanEntry entry) {
        ShardOf place = new ShardOf(name.attempt(), name.shard());
        if (found.size() < MOST_SHARDS || found.containsKey(place)) {
            Found shard = found.computeIfAbsent(place, fresh -> new Found());
            shard.stripes.add(name.stripe());
            shard.bytes += entry.length();
            shard.newest = Math.max(shard.newest, entry.timestamp());
        }
    }

    private OrphanReport judge(Backend backend, ShardOf place, Found found, Duration grace, boolean delete)
            throws IOException, InterruptedException {
        foreground.yieldToReads();
        long own = catalog.requireWriter().epoch();
        boolean young = clock.instant().getEpochSecond() - found.newest < grace.toSeconds();
        Optional<ShardHeader> header = young ? Optional.empty() : header(backend, place, found);
        boolean later = header.isPresent() && header.get().attempt().segment().epoch() > own;
        boolean unknown = !young && header.isEmpty();
        boolean orphan = !young && !later && !unknown;
        if (orphan && delete) {
            for (int stripe : found.stripes) {
                catalog.requireWriter();
                backend.delete(name(place, stripe), ShardKeys.NAMED);
            }
        }
        return new OrphanReport(
                orphan ? 1 : 0,
                orphan ? found.stripes.size() : 0,
                orphan ? found.bytes : 0,
                orphan && delete ? 1 : 0,
                young ? 1 : 0,
                later ? 1 : 0,
                unknown ? 1 : 0,
                List.of());
    }

    /** The header of any value that has one; it says who wrote it, and what it says agrees with its name. */
    private Optional<ShardHeader> header(Backend backend, ShardOf place, Found found) throws InterruptedException {
        for (int stripe : found.stripes) {
            rate.acquire(found.bytes / found.stripes.size());
            try {
                Optional<byte[]> value = backend.read(name(place, stripe), ShardKeys.NAMED);
                if (value.isPresent()) {
                    ShardHeader header = ShardHeader.decode(value.get());
                    if (header.attempt().volume().equals(volume)
                            && header.attempt().id().equals(place.attempt())
                            && header.shard() == place.shard()) {
                        return Optional.of(header);
                    }
                }
            } catch (StorException | ZdbException.Unreadable damaged) {
                LOG.debug("stripe {} of {} on {}: {}", stripe, place, backend.id(), damaged.getMessage());
            }
        }
        return Optional.empty();
    }

    private ShardName name(ShardOf place, int stripe) {
        return new ShardName(volume, place.attempt(), stripe, place.shard());
    }
}
