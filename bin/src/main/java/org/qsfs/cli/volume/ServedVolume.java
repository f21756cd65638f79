package org.qsfs.cli.volume;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.Home;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fs.check.CheckSummary;
import org.qsfs.fs.check.Finding;
import org.qsfs.fs.offload.Eviction;
import org.qsfs.fs.offload.UploadProgress;
import org.qsfs.fs.offload.Volume;
import org.qsfs.fs.offload.VolumeConfig;
import org.qsfs.fs.offload.VolumeStatus;
import org.qsfs.stor.StorStatistics;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.backend.BackendStatus;
import org.qsfs.stor.deletion.OrphanCounters;
import org.qsfs.stor.read.ReadCounters;
import org.qsfs.stor.upload.UploadCounters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A volume and everything below it, as its daemon serves it. Thread-safe. */
public final class ServedVolume {
    /** How long a flush waits without anything moving before it reports why. */
    private static final Duration FLUSH_PATIENCE = Duration.ofMinutes(2);

    /** More are only counted. */
    private static final int MOST_FINDINGS = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(ServedVolume.class);

    private final Storage storage;
    private final Volume volume;
    private final StoredObjects objects;
    private final LiveConfig config;

    private ServedVolume(Storage storage, Volume volume, StoredObjects objects, LiveConfig config) {
        this.config = config;
        this.storage = storage;
        this.volume = volume;
        this.objects = objects;
    }

    /**
     * Opens a volume for writing, or makes it when it is the first one of this machine.
     *
     * @param takeOver whether to become the writer though another one holds the volume
     * @param readOnly whether every change is refused
     * @param start whether to go on with local state or to bring the published one here
     */
    public static ServedVolume open(Config config, Home home, boolean takeOver, boolean readOnly, Volume.Start start)
            throws IOException, InterruptedException, CommandFailure {
        Path directory = home.volume(config.volume()).directory();
        Storage storage = Storage.open(
                config, home, new Storage.Claim(Holder.of(directory), Volume.localEpoch(directory), takeOver));
        try {
            VolumeConfig settings = settings(config, directory, storage.volume(), readOnly);
            Volume volume =
                    Volume.open(settings, storage.engine(), storage.lease().epoch(), start);
            volume.setBack().ifPresent(LOG::warn);
            storage.keepLease(config.timing().leaseGrace(), volume::makeReadOnly);
            return new ServedVolume(
                    storage,
                    volume,
                    StoredObjects.of(storage.engine(), directory),
                    new LiveConfig(config, home, storage.engine()));
        } catch (IOException | RuntimeException e) {
            storage.close();
            throw e;
        }
    }

    private static VolumeConfig settings(Config config, Path directory, VolumeId id, boolean readOnly) {
        VolumeConfig usual = VolumeConfig.of(directory, config.volume(), id);
        Config.Limits limits = config.limits();
        return usual.with(new VolumeConfig.Segments(
                        limits.segmentSize(),
                        config.timing().pushInterval(),
                        usual.segments().uploads(),
                        config.uploads().hours()))
                .with(new VolumeConfig.Space(
                        limits.cacheSize(), limits.maxNotStored(), usual.space().diskReserve()))
                .with(usual.fileSystem()
                        .withReadOnly(readOnly)
                        .withCommitInterval(config.timing().commitInterval())
                        .withQuota(limits.quota().orElse(Long.MAX_VALUE), Long.MAX_VALUE));
    }

    public FileSystem fileSystem() {
        return volume.fileSystem();
    }

    /** Stores and publishes everything written so far. */
    public AdminReply flush(Progress progress) throws IOException, InterruptedException, CommandFailure {
        UploadProgress end = awaitPublished(progress, FLUSH_PATIENCE);
        ObjectNode result = Json.object();
        putPublished(result, volume.status());
        if (!end.published()) {
            throw new CommandFailure(
                    CommandFailure.DEGRADED,
                    end.segmentsLeft() + " segments (" + end.bytesLeft() + " bytes) are not stored yet"
                            + end.problem().map(problem -> ": " + problem).orElse("")
                            + ". They are on the local disk and uploading goes on by itself");
        }
        return AdminReply.done(result);
    }

    private UploadProgress awaitPublished(Progress progress, Duration patience)
            throws IOException, InterruptedException {
        long[] most = {0};
        return volume.flush(
                step -> {
                    most[0] = Math.max(most[0], step.bytesLeft());
                    progress.report("uploading", most[0] - step.bytesLeft(), most[0], "bytes");
                },
                patience);
    }

    /** The configuration in use. */
    public LiveConfig config() {
        return config;
    }

    /** What commands may have done about backends. */
    public BackendAdmin backends() {
        return new BackendAdmin(config, storage.engine());
    }

    /** What commands may have done about stored segments. */
    public StorageUpkeep upkeep() {
        return new StorageUpkeep(storage.engine());
    }

    /** What commands may have done about single files. */
    public StoredObjects objects() {
        return objects;
    }

    /** Drops every local copy that may go. */
    public AdminReply evictAll(Progress progress) throws IOException {
        progress.report("checking the shards", 0, 0, "segments");
        Eviction eviction = volume.evictAll();
        return AdminReply.done(Json.object()
                .put("segments", eviction.evicted())
                .put("bytes", eviction.bytes())
                .put("kept", eviction.kept()));
    }

    /** What `qsfs status` shows of the volume. */
    public ObjectNode status() throws IOException {
        VolumeStatus status = volume.status();
        ObjectNode json = Json.object();
        VolumeStatus.Segments segments = status.segments();
        json.putObject("segments")
                .put("open", segments.open())
                .put("closed", segments.closed())
                .put("uploading", segments.uploading())
                .put("stored", segments.stored())
                .put("degraded", segments.degraded())
                .put("evicted", segments.evicted());
        VolumeStatus.Bytes bytes = status.bytes();
        json.putObject("bytes")
                .put("dirty", bytes.dirty())
                .put("not_stored", bytes.notStored())
                .put("cache", bytes.cache());
        ArrayNode backends = json.putArray("backends");
        for (BackendStatus backend : storage.backends()) {
            backends.addObject()
                    .put("id", backend.id().value())
                    .put("address", backend.address())
                    .put("group", backend.group())
                    .put("state", backend.state().name().toLowerCase(Locale.ROOT))
                    .put("detail", backend.detail())
                    .put("latency_ms", backend.latency().toNanos() / 1e6)
                    .put("live_bytes", backend.liveBytes());
        }
        putPublished(json, status);
        putOrphans(json, storage.engine().statistics().orphans());
        ArrayNode warnings = json.putArray("warnings");
        status.problem().ifPresent(warnings::add);
        volume.setBack().ifPresent(warnings::add);
        return json;
    }

    private static void putPublished(ObjectNode json, VolumeStatus status) {
        status.lastPublished()
                .ifPresentOrElse(
                        time -> json.put("last_published", time.toString()), () -> json.putNull("last_published"));
    }

    private static void putOrphans(ObjectNode json, OrphanCounters.Snapshot orphans) {
        ObjectNode counts = json.putObject("orphans")
                .put("collections", orphans.collections())
                .put("refused", orphans.refused())
                .put("deleted_shards", orphans.deletedShards())
                .put("deleted_bytes", orphans.deletedBytes());
        orphans.last()
                .ifPresentOrElse(
                        time -> counts.put("last_collection", time.toString()),
                        () -> counts.putNull("last_collection"));
    }

    /** Who can unlock the volume, and its key versions. */
    public VolumeKeyring keyring() {
        return storage.keyring();
    }

    /** One pass of the repairer: missing shards of degraded segments are made again, deletions that a backend missed are done. */
    public AdminReply repair(Progress progress) throws IOException {
        progress.report("repairing", 0, 0, "");
        storage.engine().repairAll();
        VolumeStatus.Segments segments = volume.status().segments();
        ObjectNode result = Json.object().put("stored", segments.stored()).put("degraded", segments.degraded());
        return new AdminReply(result, segments.degraded() > 0 ? CommandFailure.DEGRADED : CommandFailure.DONE);
    }

    /** Counts since the mount. */
    public ObjectNode stats() {
        StorStatistics statistics = storage.engine().statistics();
        ReadCounters.Snapshot reads = statistics.reads();
        UploadCounters.Snapshot uploads = statistics.uploads();
        ObjectNode json = Json.object();
        json.putObject("reads")
                .put("stripes", reads.stripes())
                .put("plain_bytes", reads.plainBytes())
                .put("shard_bytes", reads.shardBytes())
                .put("hedges", reads.hedges())
                .put("replacements", reads.replacements())
                .put("damaged_shards", reads.damagedShards())
                .put("failures", reads.failures())
                .put("cache_hits", reads.cacheHits())
                .put("read_ahead", reads.readAhead());
        json.putObject("uploads")
                .put("plain_bytes", uploads.plainBytes())
                .put("shard_bytes", uploads.shardBytes())
                .put("failovers", uploads.failovers());
        json.putObject("repair")
                .put("segments", statistics.repairedSegments())
                .put("damage_reports", statistics.damageReports());
        ArrayNode running = json.putArray("running");
        for (StorStatistics.UploadProgress upload : statistics.running()) {
            running.addObject()
                    .put("segment", upload.segment().toString())
                    .put("stripes_done", upload.stripesDone())
                    .put("stripes", upload.stripes());
        }
        return json;
    }

    /** Whether something needs attention: a backend is not healthy, a segment lacks shards, or there is a problem. */
    public boolean isDegraded() throws IOException {
        VolumeStatus status = volume.status();
        return status.problem().isPresent()
                || status.segments().degraded() > 0
                || storage.backends().stream().anyMatch(backend -> backend.state() != BackendState.HEALTHY);
    }

    /**
     * Closes everything.
     *
     * @param wait whether to wait until all is stored, as long as that gets on within {@code patience}
     * @return segments that are not stored
     */
    public long close(boolean wait, Duration patience, Progress progress) throws IOException, InterruptedException {
        long left = 0;
        try {
            if (wait) {
                left = awaitPublished(progress, patience).segmentsLeft();
            } else {
                VolumeStatus.Segments segments = volume.status().segments();
                left = (long) segments.open() + segments.closed() + segments.uploading();
            }
        } finally {
            try {
                volume.close();
            } finally {
                storage.close();
            }
        }
        return left;
    }

    /** Checks what the volume says about itself, with {@code content} also every block of every file. */
    public AdminReply check(boolean content, Progress progress) throws IOException {
        progress.report("checking", 0, 0, "");
        ObjectNode result = Json.object();
        ArrayNode findings = result.putArray("findings");
        int[] worst = {CommandFailure.DONE};
        CheckSummary summary;
        try {
            summary = volume.check(content, finding -> {
                worst[0] =
                        Math.max(worst[0], finding.severity() == Finding.Severity.WARNING ? 0 : CommandFailure.FAILED);
                if (findings.size() < MOST_FINDINGS) {
                    findings.addObject()
                            .put("severity", finding.severity().name().toLowerCase(Locale.ROOT))
                            .put("subject", finding.subject())
                            .put("message", finding.message());
                }
            });
        } catch (FsException e) {
            throw new IOException("the check ended early: " + e.getMessage(), e);
        }
        result.put("inodes", summary.inodes())
                .put("directories", summary.directories())
                .put("names", summary.names())
                .put("extents", summary.extents())
                .put("bytes", summary.bytes())
                .put("verified_bytes", summary.verifiedBytes())
                .put("count", summary.findings());
        return new AdminReply(result, worst[0]);
    }

    /** What had to be repaired when the volume was opened, for the log. */
    public String recovery() {
        return volume.recovery().toString();
    }
}
