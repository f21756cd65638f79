package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fs.QsfsFileSystem;
import org.qsfs.fs.check.CheckSummary;
import org.qsfs.fs.check.Finding;
import org.qsfs.fs.journal.Journal;
import org.qsfs.fs.journal.JournalDamagedException;
import org.qsfs.fs.journal.JournalListener;
import org.qsfs.fs.journal.MetaRoll;
import org.qsfs.fs.journal.RecoveredVolume;
import org.qsfs.fs.journal.RecoveryReport;
import org.qsfs.stor.SegmentStore;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.zdb.log.SegmentListener;
import org.qsfs.zdb.log.SegmentLogConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A volume that is open for writing: the filesystem, its logs, and everything that brings closed segments to the backends and back. This is what a daemon or an embedding
 * program holds.
 *
 * <p><b>Durability.</b> What was fsynced through {@link #fileSystem} is on the local disk; what {@link #flush} published survives the loss of the machine.
 *
 * <p><b>Failure.</b> When backends or catalog cannot be reached, the filesystem goes on and uploads are tried again for ever; {@link #status} tells why. After a failed local write
 * the volume is read-only until it is opened again.
 *
 * <p><b>Threading.</b> Everything may be called by any thread. The segment store belongs to the caller and is closed after the volume.
 */
public final class Volume implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Volume.class);
    private static final Duration WRITER_PATIENCE = Duration.ofSeconds(30);
    private static final Duration TICK = Duration.ofMillis(500);

    /** What a mount may find. */
    public enum Start {
        /** This machine's own state, or nothing at all: a new volume. */
        RESUME,
        /** Like RESUME, and where the journal is damaged though it was durable, what is damaged is left out. */
        REPAIR,
        /** Nothing locally; the published state is brought back. */
        RESTORE
    }

    private final VolumeConfig config;
    private final SegmentStore store;
    private final Terms terms;
    private final Publisher publisher;
    private final StripeCache cache;
    private final Journal journal;
    private final QsfsFileSystem fileSystem;
    private final LocalSegments segments;
    private final UploadQueue uploads;
    private final Evictor evictor;
    private final Upkeep upkeep = new Upkeep();
    private final RecoveryReport recovery;
    private final @Nullable String setBack;
    private volatile long lastRoll = System.nanoTime();
    private volatile @Nullable String readOnly;
    private final AtomicBoolean makingRoom = new AtomicBoolean();
    private volatile boolean recovered;
    private volatile boolean closed;

    /** The epoch in which this machine last wrote the volume; empty when it has no state of it. What a lease is acquired with. */
    public static OptionalLong localEpoch(Path directory) throws IOException {
        return LocalState.read(directory.resolve("state"))
                .map(state -> OptionalLong.of(state.terms().current().epoch()))
                .orElse(OptionalLong.empty());
    }

    /**
     * Opens a volume for writing: recovers its journal, or brings the published one here, and starts uploading what is not stored. The caller holds the writer's lease.
     *
     * @param epoch of the lease
     * @throws VolumeException the local state and the published one do not belong together, or there is nothing to restore
     * @throws JournalDamagedException the journal is damaged where it was durable
     */
    public static Volume open(VolumeConfig config, SegmentStore store, long epoch, Start start) throws IOException {
        SegmentLogConfig data = log(config, SegmentNamespace.DATA);
        SegmentLogConfig meta = log(config, SegmentNamespace.META);
        Origin origin = Origin.determine(config, start, store, epoch, data, meta);
        if (start == Start.RESTORE) {
            JournalFetch.fetch(
                    store,
                    origin.heads().newest().orElseThrow(),
                    meta.dataRoot().resolve(meta.namespace()));
        }
        Optional<PublishedHead> head = origin.headInCatalog(config, store, data, meta);
        origin.settle(config);
        return new Volume(config, store, origin, head, start, data, meta);
    }

    private static SegmentLogConfig log(VolumeConfig config, SegmentNamespace namespace) {
        Path zdb = config.directory().resolve("zdb");
        return SegmentLogConfig.of(zdb.resolve("data"), zdb.resolve("index"), config.name() + "-" + namespace.word())
                .withSegmentSize(config.segments().size());
    }

    private Volume(
            VolumeConfig config,
            SegmentStore store,
            Origin origin,
            Optional<PublishedHead> head,
            Start start,
            SegmentLogConfig data,
            SegmentLogConfig meta)
            throws IOException {
        this.config = config;
        this.store = store;
        this.terms = origin.terms();
        this.setBack =
                origin.heads().catalogIsBehind() ? origin.heads().difference() + "; the later one is used" : null;
        this.publisher = new Publisher(store, terms, head, Clock.systemUTC());
        this.cache = new StripeCache(
                config.directory().resolve("cache"), config.space().cache(), store::read, new Rematerialisation());
        RecoveredVolume opened =
                new JournalOpening(config, store, terms, publisher, cache).open(origin, start, data, meta);
        this.journal = opened.journal();
        this.recovery = opened.report();
        this.recovered = true;
        this.segments = new LocalSegments(config, store, terms, journal.data(), journal.meta());
        this.evictor = new Evictor(store, journal.data(), journal.meta(), terms, publisher, cache);
        this.uploads =
                new UploadQueue(config.segments().uploads(), this::upload, id -> publisher.advance(), this::mayUpload);
        try {
            BackPressure space = new BackPressure(
                    config.directory(),
                    config.space().diskReserve(),
                    config.space().maxNotStored(),
                    this::notStored,
                    this::makeRoom,
                    WRITER_PATIENCE);
            this.fileSystem = QsfsFileSystem.open(config.fileSystem(), opened, space, segments::replaceDamaged);
            listen();
            if (start == Start.REPAIR) {
                // from here on nothing needs what is damaged
                journal.checkpoint();
            }
            for (MetaRoll roll : journal.closedSegments(publisher.lastPublished())) {
                publisher.closed(link(roll));
            }
            queue(segments.notStored());
        } catch (IOException | RuntimeException e) {
            uploads.close();
            journal.close();
            throw e;
        }
        upkeep.every(TICK, "roll", this::rollWhenOld);
        upkeep.every(TICK, "publish", publisher::advance);
        upkeep.every(Duration.ofMinutes(1), "store lost segments again", () -> queue(segments.lost()));
        upkeep.every(
                Duration.ofSeconds(5),
                "evict",
                () -> evictor.trim(config.space().cache()));
    }

    /** The filesystem of the volume. */
    public FileSystem fileSystem() {
        return fileSystem;
    }

    /**
     * Checks everything that the volume says about itself; what changes meanwhile waits.
     *
     * @param content whether to read all content too
     * @param findings told of everything that is not as it should be
     */
    public CheckSummary check(boolean content, Consumer<Finding> findings) throws FsException {
        return fileSystem.check(content, findings);
    }

    /** What was found when the volume was opened. */
    public RecoveryReport recovery() {
        return recovery;
    }

    /** That the catalog had been set back when the volume was opened, and what was done; empty when it had not. */
    public Optional<String> setBack() {
        return Optional.ofNullable(setBack);
    }

    // ---------------------------------------------------------------------------------------------- uploading

    private void listen() {
        journal.data().addListener(new ClosedSegments(SegmentNamespace.DATA));
        journal.meta().addListener(new ClosedSegments(SegmentNamespace.META));
        journal.addListener(new JournalListener() {
            @Override
            public void metaSegmentClosed(MetaRoll roll) {
                publisher.closed(link(roll));
            }

            @Override
            public void failed(String reason, Throwable cause) {
                readOnly = reason + ": " + cause.getMessage();
            }
        });
    }

    private final class ClosedSegments implements SegmentListener {
        private final SegmentNamespace namespace;

        ClosedSegments(SegmentNamespace namespace) {
            this.namespace = namespace;
        }

        @Override
        public void segmentClosed(int segment, long length) {
            uploads.add(terms.identify(namespace, segment), length);
            if (namespace == SegmentNamespace.META) {
                // data segments close by size alone; without a journal segment nothing is published
                lastRoll = System.nanoTime();
            }
        }

        @Override
        public void failed(IOException cause) {
            readOnly = cause.getMessage();
        }
    }

    private Publisher.Link link(MetaRoll roll) {
        Optional<Head.CheckpointStart> checkpoint = Optional.ofNullable(roll.checkpoint())
                .map(pointer -> new Head.CheckpointStart(
                        terms.identify(SegmentNamespace.META, pointer.start().segment()),
                        pointer.start().offset()));
        return new Publisher.Link(
                new SegmentId(roll.epoch(), SegmentNamespace.META, roll.segment()),
                roll.hash(),
                roll.predecessor() == null ? -1 : roll.predecessor().segment(),
                roll.dataSegments(),
                checkpoint);
    }

    private void queue(List<LocalSegments.Waiting> waiting) {
        waiting.forEach(segment -> uploads.add(segment.id(), segment.length()));
    }

    private void upload(SegmentId id) throws IOException {
        store.store(id, LocalSegments.dataFile(config, id));
    }

    /** In the hours of uploads, and when so much waits that writers will be held back soon. */
    private boolean mayUpload(long bytes) {
        return config.segments().hours().contains(LocalTime.now(ZoneId.systemDefault()))
                || bytes > config.space().maxNotStored() / 2;
    }

    private long notStored() {
        return uploads.backlog().bytes();
    }

    private void rollWhenOld() throws IOException {
        boolean old =
                System.nanoTime() - lastRoll > config.segments().pushInterval().toNanos();
        if (old && readOnly == null) {
            lastRoll = System.nanoTime();
            journal.roll();
        }
        if (journal.checkpointDue() && readOnly == null) {
            journal.checkpoint();
        }
    }

    /**
     * Writes everything back, closes the active segments and waits until all is published, what the backends have lost of it as well, where it is still here.
     *
     * @param progress told at least twice a second
     * @param patience how long it waits without getting on before it gives up; uploads go on by themselves
     * @return how it ended; {@link UploadProgress#published} tells whether everything is published
     */
    public UploadProgress flush(Consumer<UploadProgress> progress, Duration patience)
            throws IOException, InterruptedException {
        fileSystem.flushAll();
        journal.roll();
        List<LocalSegments.Waiting> lost = segments.lost();
        queue(lost);
        uploads.hurry();
        return awaitPublished(new Target(publisher.newestClosed(), lost), progress, patience);
    }

    /** A journal segment that is to be published, and segments that are to be stored again. */
    private record Target(int journal, List<LocalSegments.Waiting> lost) {}

    private UploadProgress awaitPublished(Target target, Consumer<UploadProgress> progress, Duration patience)
            throws IOException, InterruptedException {
        long lastStep = System.nanoTime();
        UploadProgress before = uploadProgress(target);
        while (true) {
            UploadProgress now = uploadProgress(target);
            progress.accept(now);
            if (now.segmentsLeft() != before.segmentsLeft()) {
                lastStep = System.nanoTime();
                before = now;
            }
            if (now.published() || System.nanoTime() - lastStep > patience.toNanos()) {
                return now;
            }
            uploads.awaitChange(TICK);
        }
    }

    private UploadProgress uploadProgress(Target target) throws IOException {
        UploadQueue.Backlog backlog = uploads.backlog();
        boolean published = publisher.lastPublished() >= target.journal();
        for (LocalSegments.Waiting segment : target.lost()) {
            published &= LocalSegments.isStored(store, segment.id());
        }
        return new UploadProgress(backlog.segments(), backlog.bytes(), published, problem(backlog));
    }

    private Optional<String> problem(UploadQueue.Backlog backlog) {
        return Optional.ofNullable(readOnly)
                .map(reason -> "the volume is read-only: " + reason)
                .or(() -> Optional.ofNullable(publisher.failure()))
                .or(() -> Optional.ofNullable(backlog.failure()));
    }

    /** Makes the volume read-only until it is opened again, because another writer owns it. */
    public void makeReadOnly(String reason) {
        publisher.stop();
        journal.fail(reason, new VolumeException(reason));
    }

    // ---------------------------------------------------------------------------------------------- local space

    /**
     * Removes every stored segment from the local disk, after finding each of its shards.
     *
     * @return how many segments and bytes went, and how many segments stay because they are not verifiably stored yet
     */
    public Eviction evictAll() throws IOException {
        return evictor.evictAll();
    }

    /** The disk is short of room: as much as the reserve is freed, if so much is stored. Does not wait for it. */
    private void makeRoom() {
        if (!makingRoom.compareAndSet(false, true)) {
            return;
        }
        Thread.ofVirtual().name("qsfs-make-room").start(() -> {
            try {
                Eviction freed =
                        evictor.trim(evictor.localBytes() - config.space().diskReserve());
                log.info("the disk is short of room: {}", freed);
            } catch (IOException | RuntimeException e) {
                log.warn("no room could be made on the disk: {}", e.toString());
            } finally {
                makingRoom.set(false);
            }
        });
    }

    /** Segments that were read from the backends stripe by stripe and are whole now become local again; while the journal is being recovered there is no log to take them. */
    private final class Rematerialisation implements StripeCache.Receiver {
        @Override
        public boolean ready() {
            return recovered;
        }

        @Override
        public void complete(SegmentId id, Path file) throws IOException {
            segments.logOf(id.namespace()).install(id.number(), file);
        }
    }

    // ---------------------------------------------------------------------------------------------- status

    /** What the volume is doing. Does not wait for anything. */
    public VolumeStatus status() throws IOException {
        UploadQueue.Backlog backlog = uploads.backlog();
        LocalSegments.Counts counts = segments.counts();
        return new VolumeStatus(
                new VolumeStatus.Segments(
                        counts.open(),
                        backlog.segments() - backlog.running(),
                        backlog.running(),
                        counts.stored(),
                        counts.degraded(),
                        counts.evicted()),
                new VolumeStatus.Bytes(
                        fileSystem.activity().dirtyBytes(), backlog.bytes() + counts.openBytes(), evictor.localBytes()),
                publisher.head().map(Head::published),
                problem(backlog));
    }

    // ---------------------------------------------------------------------------------------------- closing

    /** Closes the volume; what is not stored yet is uploaded by the next mount. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        upkeep.close();
        try {
            fileSystem.close();
        } finally {
            uploads.close();
            publisher.stop();
            try {
                journal.close();
            } finally {
                cache.close();
            }
        }
    }
}
