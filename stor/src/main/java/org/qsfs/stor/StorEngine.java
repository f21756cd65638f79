package org.qsfs.stor;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.WriterLease;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendStatus;
import org.qsfs.stor.backend.PoolSettings;
import org.qsfs.stor.catalog.HeadPublisher;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.check.ShardInspection;
import org.qsfs.stor.check.StoredCheck;
import org.qsfs.stor.deletion.CompleteRecords;
import org.qsfs.stor.deletion.OrphanCollector;
import org.qsfs.stor.deletion.OrphanCounters;
import org.qsfs.stor.deletion.OrphanReport;
import org.qsfs.stor.deletion.OrphanSchedule;
import org.qsfs.stor.deletion.ShardDeletion;
import org.qsfs.stor.flow.ForegroundWork;
import org.qsfs.stor.flow.Gate;
import org.qsfs.stor.flow.MemoryBudget;
import org.qsfs.stor.flow.RateLimit;
import org.qsfs.stor.flow.RepeatedWork;
import org.qsfs.stor.flow.SegmentLocks;
import org.qsfs.stor.object.ObjectCatalog;
import org.qsfs.stor.object.ObjectStore;
import org.qsfs.stor.read.DamageReports;
import org.qsfs.stor.read.ReadCounters;
import org.qsfs.stor.read.SegmentFetch;
import org.qsfs.stor.read.SegmentReader;
import org.qsfs.stor.read.ShardGatherer;
import org.qsfs.stor.rekey.Reencryption;
import org.qsfs.stor.repair.Holdings;
import org.qsfs.stor.repair.LostBackends;
import org.qsfs.stor.repair.Movement;
import org.qsfs.stor.repair.Relocations;
import org.qsfs.stor.repair.Repairer;
import org.qsfs.stor.repair.SegmentRepair;
import org.qsfs.stor.repair.ShardRegeneration;
import org.qsfs.stor.scrub.ScrubProgress;
import org.qsfs.stor.scrub.ScrubReport;
import org.qsfs.stor.scrub.ScrubSchedule;
import org.qsfs.stor.scrub.ScrubScope;
import org.qsfs.stor.scrub.Scrubber;
import org.qsfs.stor.segment.BackendFailure;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.upload.SegmentUploads;
import org.qsfs.stor.upload.UploadCounters;
import org.qsfs.stor.volume.HeadCopies;
import org.qsfs.stor.volume.VolumeHeaders;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segment store over backend zdbs. It puts the parts of this module together; each part says in its own documentation what it does.
 *
 * <p>All records of the volume are in memory. A background thread repairs degraded segments.
 */
public final class StorEngine implements SegmentStore {
    private static final Logger LOG = LoggerFactory.getLogger(StorEngine.class);
    /** How long a stripe of background work lets reads go first. */
    private static final Duration LONGEST_YIELD = Duration.ofMillis(100);

    /** Uploads that wait for slow backends hold memory for as long as their writes may take. */
    private static final Duration PATIENCE_FOR_MEMORY = Duration.ofMinutes(2);

    /** Age below which no orphan is touched by itself. */
    private static final Duration ORPHAN_GRACE = Duration.ofDays(1);

    private static final int SCRATCH_SETS = 4;

    private volatile StorConfig config;
    private final BackendPool pool;
    private final SegmentCatalog catalog;
    private final ObjectCatalog objects;
    private final HeadPublisher heads;
    private final HeadCopies headCopies;
    private final Codecs codecs;
    private final SegmentUploads uploads;
    private final SegmentReader reader;
    private final SegmentFetch fetch;
    private final StoredCheck storedCheck;
    private final Repairer repairer;
    private final SegmentLocks locks = new SegmentLocks();
    private final Gate gate = new Gate();
    private final DamageReports damages = new DamageReports();
    private final ReadCounters readCounters = new ReadCounters();
    private final UploadCounters uploadCounters = new UploadCounters();
    private final ExecutorService encoders = Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().daemon().name("stor-encoder-", 0).factory());
    private final Relocations relocations;
    private final Reconfiguration reconfiguration;
    private final RateLimit healingRate;
    private final Reencryption reencryption;
    private final RateLimit uploadRate;
    private final OrphanCounters orphanCounters = new OrphanCounters();
    private final CompleteRecords completeRecords;
    private final OrphanCollector orphans;
    private final Scrubber scrubber;
    private volatile @Nullable VolumeHeader header;
    private final List<Thread> background = new ArrayList<>();

    private StorEngine(
            StorConfig config,
            Catalog records,
            SegmentCatalog catalog,
            boolean writer,
            VolumeKeys keys,
            BackendPool pool,
            InstantSource clock) {
        this.config = config;
        this.pool = pool;
        this.catalog = catalog;
        this.objects = new ObjectCatalog(records, catalog);
        this.heads = new HeadPublisher(records, catalog);
        this.headCopies = new HeadCopies(pool, keys);
        this.codecs = new Codecs(keys, SCRATCH_SETS);
        SecureRandom random = new SecureRandom();
        MemoryBudget uploadMemory = new MemoryBudget(config.uploadMemory());
        ForegroundWork foreground = new ForegroundWork(LONGEST_YIELD);
        ShardGatherer gatherer = new ShardGatherer(pool, config.reads(), damages, readCounters);
        // an upload that refills a shard holds no reservation of its own any more, so they share a budget
        this.uploadRate = new RateLimit(config.uploadBytesPerSecond());
        this.healingRate = new RateLimit(config.healing().bytesPerSecond());
        ShardRegeneration regeneration =
                new ShardRegeneration(gatherer, uploadMemory, PATIENCE_FOR_MEMORY, healingRate);
        ShardDeletion deletion = new ShardDeletion(keys.volume(), pool);
        this.uploads = new SegmentUploads(
                () -> this.config.policy(),
                () -> this.config.stripeSize(),
                catalog,
                pool,
                codecs,
                uploadMemory,
                uploadRate,
                encoders,
                foreground,
                regeneration,
                deletion,
                uploadCounters,
                random,
                clock);
        this.reader = new SegmentReader(
                codecs, gatherer, new MemoryBudget(config.readMemory()), foreground, config.reads(), readCounters);
        this.fetch = new SegmentFetch(reader);
        this.storedCheck = new StoredCheck(keys.volume(), pool, () -> this.config.settle(), damages, clock);
        LostBackends lost = new LostBackends(pool, () -> this.config.healing().repairAfter());
        ShardInspection inspection = new ShardInspection(uploadMemory, healingRate);
        SegmentRepair repair =
                new SegmentRepair(catalog, pool, lost, codecs, regeneration, inspection, foreground, random, clock);
        this.relocations = new Relocations(
                keys.volume(), catalog, pool, codecs, regeneration, foreground, healingRate, random, clock);
        this.repairer = new Repairer(
                catalog, lost, repair, relocations, deletion, locks, damages, this::introduce, keys.volume());
        this.reconfiguration = new Reconfiguration(pool, catalog, random);
        this.reencryption =
                new Reencryption(catalog, pool, keys, codecs, reader, locks, uploadMemory, foreground, clock);
        this.completeRecords = new CompleteRecords(records, heads, headCopies);
        this.orphans =
                new OrphanCollector(keys.volume(), catalog, pool, healingRate, foreground, orphanCounters, clock);
        this.scrubber = new Scrubber(catalog, pool, codecs, inspection, repairer, foreground);
        if (writer && config.healing().repairInterval().isPositive()) {
            ScrubSchedule scrubs = new ScrubSchedule(records, catalog, scrubber, this::scrubInterval, clock);
            Duration pause = config.healing().repairInterval();
            background.add(RepeatedWork.thread("stor-repairer", pause, repairer::pass));
            background.add(RepeatedWork.thread("stor-scrubber", pause, scrubs::runDue));
            OrphanSchedule collections = new OrphanSchedule(
                    records,
                    catalog,
                    pool,
                    () -> collectOrphans(ORPHAN_GRACE, true),
                    orphanCounters,
                    () -> this.config.healing().gc(),
                    random,
                    clock);
            background.add(RepeatedWork.thread("stor-collector", pause, collections::runDue));
        }
    }

    /**
     * Opens the engine and reads all segment records.
     *
     * @param records the sealed catalog, which stays the caller's
     * @param lease the right to write; null to read only
     * @param keys keys of the volume, which stay the caller's
     * @param pool the backends; closed with the engine
     * @throws StorException when the records cannot be read
     */
    public static StorEngine open(
            StorConfig config, Catalog records, @Nullable WriterLease lease, VolumeKeys keys, BackendPool pool)
            throws StorException {
        return open(config, records, lease, keys, pool, InstantSource.system());
    }

    static StorEngine open(
            StorConfig config,
            Catalog records,
            @Nullable WriterLease lease,
            VolumeKeys keys,
            BackendPool pool,
            InstantSource clock)
            throws StorException {
        SegmentCatalog catalog = SegmentCatalog.load(records, lease);
        StorEngine engine = new StorEngine(config, records, catalog, lease != null, keys, pool, clock);
        engine.background.forEach(Thread::start);
        return engine;
    }

    /** Writes under another lease of the same epoch from now on; the one before was lost. Until then writes fail with {@link StorException.NotWriter}. */
    public void renewed(WriterLease again) {
        catalog.renewed(again);
    }

    @Override
    public SegmentRecord store(SegmentId id, Path file) throws IOException {
        return inside(() -> {
            locks.lock(id);
            try {
                return uploads.store(id, file);
            } finally {
                locks.unlock(id);
            }
        });
    }

    @Override
    public void read(SegmentId id, long offset, ByteBuffer dst) throws IOException {
        inside(() -> {
            int position = dst.position();
            SegmentRecord record = catalog.requireReadable(id);
            try {
                reader.read(record, offset, dst);
            } catch (StorException.Unreadable unreadable) {
                // another writer, or the repairer, may have moved the shards meanwhile
                dst.position(position);
                reader.read(movedRecord(record, unreadable), offset, dst);
            }
            return dst;
        });
    }

    @Override
    public void fetch(SegmentId id, Path target) throws IOException {
        inside(() -> {
            SegmentRecord record = catalog.requireReadable(id);
            try {
                fetch.fetch(record, target);
            } catch (StorException.Unreadable unreadable) {
                fetch.fetch(movedRecord(record, unreadable), target);
            }
            return target;
        });
    }

    @Override
    public Optional<SegmentRecord> record(SegmentId id) throws StorException {
        return catalog.find(id);
    }

    @Override
    public List<SegmentRecord> records() throws StorException {
        return catalog.all();
    }

    /**
     * Single files beside the filesystem. Take one for a process.
     *
     * @param staging a directory of its own for pieces on their way, made when it is missing
     * @param pieceBytes most bytes of a file in one segment, {@link ObjectStore#PIECE_BYTES} is usual
     */
    public ObjectStore objects(Path staging, long pieceBytes) {
        return new ObjectStore(this, objects, staging, pieceBytes);
    }

    /** Reads all records again; for an engine that was opened without a lease and follows another writer. */
    public void follow() throws IOException {
        inside(() -> {
            catalog.reload();
            return catalog;
        });
    }

    @Override
    public boolean confirmStored(SegmentId id) throws IOException {
        return inside(() -> {
            Optional<SegmentRecord> record = catalog.find(id);
            return record.isPresent() && storedCheck.confirms(record.get());
        });
    }

    @Override
    public Optional<PublishedHead> head() throws IOException {
        return inside(heads::read);
    }

    @Override
    public boolean publishHead(Optional<PublishedHead> expected, Head next) throws IOException {
        return inside(() -> {
            boolean published = heads.publish(expected, next);
            if (published) {
                List<BackendFailure> failures = headCopies.write(next);
                if (!failures.isEmpty()) {
                    LOG.info("the head was not copied to {}", failures);
                }
            }
            return published;
        });
    }

    @Override
    public Optional<Head> newestHeadOnBackends() throws IOException {
        return inside(headCopies::newest);
    }

    @Override
    public boolean delete(SegmentId id) throws IOException {
        return inside(() -> repairer.delete(id));
    }

    /**
     * Mends what can be mended of a segment now: missing shards are made from k others, on their backends if these are back, else on others.
     *
     * @return the record afterwards
     */
    public SegmentRecord repair(SegmentId id) throws IOException {
        return inside(() -> repairer.repair(id, Set.of()));
    }

    /** One pass of the repairer over all segments, now. */
    public void repairAll() throws IOException {
        inside(() -> {
            repairer.pass();
            return repairer;
        });
    }

    /** Encrypts every segment again that is not under the current master key; a long command. */
    public Reencryption.Outcome reencrypt(Reencryption.Progress progress) throws IOException {
        return inside(() -> reencryption.run(progress));
    }

    /** The header that backends get which come without one. */
    public void header(VolumeHeader current) {
        header = current;
    }

    private boolean introduce(Backend backend) throws InterruptedException {
        VolumeHeader current = header;
        try {
            if (current != null) {
                backend.write(VolumeHeaders.backendKey(), current.encode());
            }
            Optional<PublishedHead> head = heads.read();
            if (head.isPresent()) {
                headCopies.write(backend, head.get().head());
            }
            return true;
        } catch (ZdbException | StorException failed) {
            LOG.info("backend {} did not get header and head yet: {}", backend.id(), failed.getMessage());
            return false;
        }
    }

    /**
     * Whether these settings may be used; changes nothing.
     *
     * @throws StorException when new segments could not be placed, or a backend would go that holds last copies, with the numbers
     */
    public void check(StorConfig next, Collection<BackendConfig> backends) throws IOException {
        inside(() -> {
            reconfiguration.check(next.policy(), backends);
            return next;
        });
    }

    /**
     * Uses other settings and backends from now on: policy and stripe size for segments stored from now on, everything else at once. Memory, intervals of background
     * work and the cache stay as they were when the engine was opened. When this fails, everything stays as it was.
     *
     * @throws StorException as {@link #check}, or when a new backend is not ours
     */
    public void reconfigure(StorConfig next, Collection<BackendConfig> backends, PoolSettings settings)
            throws IOException {
        inside(() -> {
            reconfiguration.check(next.policy(), backends);
            pool.reconfigure(backends, settings);
            config = next;
            healingRate.change(next.healing().bytesPerSecond());
            uploadRate.change(next.uploadBytesPerSecond());
            return next;
        });
    }

    /** What a backend holds, and what of it nobody else has. */
    public Holdings holdings(BackendId backend) throws IOException {
        return inside(() -> relocations.holdings(backend));
    }

    /** Bytes of shards that a backend holds as the records have it, before compression. */
    public long heldBytes(BackendId backend) throws IOException {
        return inside(() -> relocations.heldBytes(backend));
    }

    /**
     * Moves everything away from a backend that is draining, now.
     *
     * @param progress in segments
     * @return segments that still have a shard there
     */
    public long drain(BackendId backend, Movement.Progress progress) throws IOException {
        return inside(() -> relocations.drain(repairer, backend, progress));
    }

    /**
     * Copies everything that is alive on a backend to an empty namespace that is to take its place, and marks that as the backend.
     *
     * @param target the namespace
     * @param progress in segments
     */
    public Movement copyBackend(BackendId backend, ZdbClient target, Movement.Progress progress) throws IOException {
        return inside(() -> relocations.copy(backend, target, progress));
    }

    /**
     * Has a backend look for everything that it should have, and what it lacks made again.
     *
     * @param progress in segments
     * @return segments of which it still lacks something
     */
    public long verifyBackend(BackendId backend, Movement.Progress progress) throws IOException {
        return inside(() -> scrubber.verify(backend, progress));
    }

    /**
     * Moves shards so that every backend holds its part, by weight and room.
     *
     * @param mostBytes bytes after which it ends
     * @param progress in bytes
     */
    public Movement rebalance(long mostBytes, Movement.Progress progress) throws IOException {
        return inside(() -> relocations.rebalance(repairer, mostBytes, progress));
    }

    /**
     * Looks for shards that no record names, on every backend that answers.
     *
     * @param grace age below which nothing is touched
     * @param delete whether to delete what is found
     * @throws StorException.Conflict when the catalog may lack records: a backend knows a later head, or it was rebuilt from less than everything
     */
    public OrphanReport collectOrphans(Duration grace, boolean delete) throws IOException {
        return inside(() -> {
            completeRecords.require();
            return orphans.collect(grace, delete);
        });
    }

    private Duration scrubInterval(CheckDepth depth) {
        StorConfig.Healing healing = config.healing();
        return depth == CheckDepth.CHECK ? healing.scrubCheck() : healing.scrubRead();
    }

    /**
     * Looks at every shard in scope, parity included, and repairs what is damaged.
     *
     * @param progress told of every segment
     */
    public ScrubReport scrub(ScrubScope scope, ScrubProgress progress) throws IOException {
        return inside(() -> scrubber.scrub(scope, progress));
    }

    @Override
    public List<BackendStatus> backends() {
        return pool.statuses();
    }

    /** Counts since the start and uploads under way. */
    public StorStatistics statistics() {
        List<StorStatistics.UploadProgress> running = uploads.running().entrySet().stream()
                .map(upload -> new StorStatistics.UploadProgress(
                        upload.getKey(),
                        upload.getValue().stripesDone(),
                        upload.getValue().stripes()))
                .toList();
        return new StorStatistics(
                readCounters.snapshot(),
                uploadCounters.snapshot(),
                repairer.repaired(),
                orphanCounters.snapshot(),
                running,
                damages.size());
    }

    private SegmentRecord movedRecord(SegmentRecord before, StorException.Unreadable unreadable) throws StorException {
        catalog.refresh(before.id());
        SegmentRecord now = catalog.requireReadable(before.id());
        if (now.equals(before)) {
            throw unreadable;
        }
        return now;
    }

    private interface Call<T> {
        T run() throws IOException, InterruptedException;
    }

    private <T> T inside(Call<T> call) throws IOException {
        if (!gate.enter()) {
            throw new StorException.NotWriter("the stor engine is closed");
        }
        try {
            return call.run();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            InterruptedIOException failure = new InterruptedIOException("the call to the stor engine was interrupted");
            failure.initCause(interrupted);
            throw failure;
        } finally {
            gate.leave();
        }
    }

    @Override
    public void close() {
        background.forEach(Thread::interrupt);
        if (!gate.close(config.drain())) {
            LOG.warn("calls to the stor engine did not end within {}; they fail now", config.drain());
        }
        encoders.shutdown();
        pool.close();
        reader.close();
        codecs.close();
    }
}
