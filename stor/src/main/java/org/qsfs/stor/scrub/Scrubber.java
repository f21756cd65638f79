package org.qsfs.stor.scrub;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.check.ShardInspection;
import org.qsfs.stor.flow.ForegroundWork;
import org.qsfs.stor.repair.Movement;
import org.qsfs.stor.repair.Repairer;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at every shard that the records call present, data and parity alike, and has those segments repaired at once of which one is not whole. One segment at a time,
 * its shards at the same time; lets reads go first.
 *
 * <p>Thread-safe.
 */
public final class Scrubber {
    private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);
    private static final int MOST_LISTED = 1000;

    private final SegmentCatalog catalog;
    private final BackendPool pool;
    private final Codecs codecs;
    private final ShardInspection inspection;
    private final Repairer repairer;
    private final ForegroundWork foreground;

    public Scrubber(
            SegmentCatalog catalog,
            BackendPool pool,
            Codecs codecs,
            ShardInspection inspection,
            Repairer repairer,
            ForegroundWork foreground) {
        this.catalog = catalog;
        this.pool = pool;
        this.codecs = codecs;
        this.inspection = inspection;
        this.repairer = repairer;
        this.foreground = foreground;
    }

    /** Looks at everything in scope. */
    public ScrubReport scrub(ScrubScope scope, ScrubProgress progress) throws IOException, InterruptedException {
        return scrub(scope, null, progress, segment -> {});
    }

    /**
     * Looks at everything in scope that comes after a segment.
     *
     * @param after where an earlier run ended; null to begin at the beginning
     * @param passed told of each segment after it was looked at
     */
    ScrubReport scrub(ScrubScope scope, @Nullable SegmentId after, ScrubProgress progress, Consumer<SegmentId> passed)
            throws IOException, InterruptedException {
        List<SegmentId> ids = catalog.ids().stream()
                .filter(scope::contains)
                .filter(id -> after == null || id.compareTo(after) > 0)
                .toList();
        Tally tally = new Tally();
        for (int i = 0; i < ids.size(); i++) {
            progress.at(i, ids.size());
            foreground.yieldToReads();
            Optional<SegmentRecord> record =
                    catalog.find(ids.get(i)).filter(found -> found.state().readable());
            if (record.isPresent()) {
                look(scope.depth(), record.get(), tally);
            }
            passed.accept(ids.get(i));
        }
        progress.at(ids.size(), ids.size());
        return tally.report();
    }

    /**
     * Has one backend look for everything that it should have, and what it lacks made again.
     *
     * @return segments of which it still lacks something, or of which it did not tell
     */
    public long verify(BackendId backend, Movement.Progress progress) throws IOException, InterruptedException {
        List<SegmentId> there = new ArrayList<>();
        for (SegmentRecord record : catalog.all()) {
            if (record.state().readable()
                    && record.shards().stream()
                            .anyMatch(place -> place.backend().equals(backend))) {
                there.add(record.id());
            }
        }
        Tally tally = new Tally();
        for (int i = 0; i < there.size(); i++) {
            progress.at(i, there.size());
            Optional<SegmentRecord> record =
                    catalog.find(there.get(i)).filter(found -> found.state().readable());
            if (record.isPresent()) {
                look(CheckDepth.CHECK, record.get(), tally);
            }
        }
        progress.at(there.size(), there.size());
        return tally.unrepairedSegments + tally.unreachableShards;
    }

    private void look(CheckDepth depth, SegmentRecord record, Tally tally) throws IOException, InterruptedException {
        Map<Integer, ShardInspection.Finding> findings = new TreeMap<>();
        try (StripeCodec codec = codecs.of(record);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<Integer, Future<ShardInspection.Finding>> looks = new TreeMap<>();
            for (int shard = 0; shard < record.shards().size(); shard++) {
                int index = shard;
                ShardPlace place = record.shards().get(shard);
                Optional<Backend> backend = pool.find(place.backend()).filter(Scrubber::answers);
                if (place.state() != ShardState.PRESENT) {
                    continue;
                }
                if (backend.isEmpty()) {
                    tally.unreachableShards++;
                } else {
                    looks.put(
                            shard,
                            threads.submit(() -> inspection.inspect(depth, codec, index, backend.get(), place.keys())));
                }
            }
            try {
                for (Map.Entry<Integer, Future<ShardInspection.Finding>> look : looks.entrySet()) {
                    findingOf(look.getValue(), tally).ifPresent(found -> findings.put(look.getKey(), found));
                }
            } finally {
                threads.shutdownNow();
            }
        }
        tally.add(record, findings);
        findings.values().removeIf(found -> found.bad().isEmpty());
        if (!findings.isEmpty()) {
            mend(record, findings, tally);
        }
    }

    private void mend(SegmentRecord record, Map<Integer, ShardInspection.Finding> findings, Tally tally)
            throws IOException, InterruptedException {
        LOG.warn("scrub: of segment {} shards {} are damaged", record.id(), findings.keySet());
        boolean whole = false;
        try {
            whole = repairer.repair(record.id(), findings.keySet()).state() == StoredState.STORED;
        } catch (StorException.NotWriter reader) {
            throw reader;
        } catch (IOException failed) {
            LOG.warn("scrub: repair of segment {} failed: {}", record.id(), failed.getMessage());
        }
        if (whole) {
            tally.repairedSegments++;
        } else {
            tally.unrepairedSegments++;
        }
    }

    private static boolean answers(Backend backend) {
        return backend.identified() && backend.state() != BackendState.DOWN;
    }

    /** Empty, and counted, when the backend did not answer. */
    private static Optional<ShardInspection.Finding> findingOf(Future<ShardInspection.Finding> look, Tally tally)
            throws InterruptedException {
        try {
            return Optional.of(look.get());
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof ZdbException || cause instanceof IOException) {
                LOG.debug("scrub: a shard cannot be looked at: {}", cause.getMessage());
                tally.unreachableShards++;
                return Optional.empty();
            }
            throw new IllegalStateException("looking at a shard failed", failed.getCause());
        }
    }

    private static final class Tally {
        private long segments;
        private long shards;
        private long values;
        private long bytes;
        private long damagedShards;
        private final List<ScrubReport.Damaged> damaged = new ArrayList<>();
        private long unreachableShards;
        private long repairedSegments;
        private long unrepairedSegments;

        void add(SegmentRecord record, Map<Integer, ShardInspection.Finding> findings) {
            segments++;
            findings.forEach((shard, found) -> {
                shards++;
                values += record.layout().stripes();
                bytes += found.bytes();
                if (!found.bad().isEmpty()) {
                    damagedShards++;
                    if (damaged.size() < MOST_LISTED) {
                        damaged.add(new ScrubReport.Damaged(
                                record.id(),
                                shard,
                                record.shards().get(shard).backend(),
                                found.bad().cardinality()));
                    }
                }
            });
        }

        ScrubReport report() {
            return new ScrubReport(
                    segments,
                    shards,
                    values,
                    bytes,
                    damagedShards,
                    damaged,
                    unreachableShards,
                    repairedSegments,
                    unrepairedSegments);
        }
    }
}
