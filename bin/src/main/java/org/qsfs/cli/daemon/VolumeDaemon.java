package org.qsfs.cli.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.qsfs.cli.admin.AdminCommand;
import org.qsfs.cli.admin.AdminReply;
import org.qsfs.cli.admin.AdminServer;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.admin.Json;
import org.qsfs.cli.admin.Progress;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.DaemonRecord;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.VolumeHome;
import org.qsfs.cli.home.VolumeLock;
import org.qsfs.cli.metrics.MetricsEndpoint;
import org.qsfs.cli.volume.ServedVolume;
import org.qsfs.encryption.CipherWarmup;
import org.qsfs.fs.offload.Volume;
import org.qsfs.fuse.Binding;
import org.qsfs.fuse.FuseMount;
import org.qsfs.fuse.MountException;
import org.qsfs.fuse.MountOptions;
import org.qsfs.fuse.MountedFileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One volume from lock to unlock. {@link #run} is the life of the process; it ends by `qsfs umount`, by a signal, or when somebody else unmounts, and in each
 * case by the same steps: unmount, close the volume, stop the backends.
 */
public final class VolumeDaemon {
    private static final Logger LOG = LoggerFactory.getLogger(VolumeDaemon.class);
    private static final Duration UNMOUNT_LIMIT = Duration.ofSeconds(30);
    /** What a signal leaves for uploads; the rest stays local and is uploaded after the next mount. */
    private static final Duration SIGNAL_LIMIT = Duration.ofSeconds(20);

    /**
     * What is to be mounted where.
     *
     * @param binding overrides the configuration's when present
     * @param takeOver whether to become the writer though another one holds the volume
     * @param discardLocal whether to drop local state that is not the catalog's
     * @param repair whether to leave out what is damaged of the journal
     */
    public record Request(
            Path mountpoint,
            Optional<Binding> binding,
            boolean readOnly,
            boolean takeOver,
            boolean discardLocal,
            boolean repair) {}

    private final Config config;
    private final Home home;
    private final VolumeHome volumeHome;
    private final Request request;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final ReentrantLock stopping = new ReentrantLock();

    private volatile String state = "starting";
    private volatile @Nullable EmbeddedBackends backends;
    private volatile @Nullable ServedVolume volume;
    private volatile @Nullable MountedFileSystem mount;

    public VolumeDaemon(Config config, Home home, Request request) {
        this.config = config;
        this.home = home;
        this.volumeHome = home.volume(config.volume());
        this.request = request;
    }

    /**
     * Returns when the volume is closed again.
     *
     * @param mounted run once when the mount answers
     * @throws CommandFailure when it cannot be mounted; nothing is left running then
     */
    public void run(Runnable mounted) throws IOException, InterruptedException, CommandFailure {
        try (VolumeLock lock = lock()) {
            LOG.debug("holding {}", lock);
            DaemonLog.toFile(volumeHome.daemonLog());
            LOG.info(
                    "volume {}: process {} starts",
                    config.volume(),
                    ProcessHandle.current().pid());
            new DaemonRecord(
                            ProcessHandle.current().pid(),
                            request.mountpoint(),
                            volumeHome.socket(),
                            request.binding().orElse(config.mount().binding()).name())
                    .write(volumeHome);
            try (AdminServer admin = AdminServer.open(volumeHome.socket(), commands())) {
                LOG.debug("admin socket {}", admin.socket());
                serve(mounted);
            } finally {
                DaemonRecord.remove(volumeHome);
                LOG.info(
                        "volume {}: process {} ends",
                        config.volume(),
                        ProcessHandle.current().pid());
            }
        }
    }

    private VolumeLock lock() throws IOException, InterruptedException, CommandFailure {
        Optional<VolumeLock> lock = VolumeLock.acquire(volumeHome);
        if (lock.isPresent()) {
            return lock.get();
        }
        String holder = DaemonRecord.read(volumeHome)
                .map(record -> "process " + record.pid() + ", mounted at " + record.mountpoint()
                        + "; unmount it first: qsfs umount " + record.mountpoint())
                .orElse("another process");
        throw new CommandFailure("volume \"" + config.volume() + "\" is in use by " + holder);
    }

    private void serve(Runnable mounted) throws InterruptedException, CommandFailure {
        Thread signal = Thread.ofPlatform().name("signal").unstarted(this::stopBySignal);
        Runtime.getRuntime().addShutdownHook(signal);
        try {
            start();
            mounted.run();
            try (Metrics metrics = metrics()) {
                LOG.debug("{}", metrics);
                awaitUnmount();
            }
        } catch (IOException | RuntimeException e) {
            LOG.error("volume {} cannot be mounted", config.volume(), e);
            throw new CommandFailure(e.getMessage() == null ? e.toString() : e.getMessage(), e);
        } catch (CommandFailure e) {
            LOG.error("volume {} cannot be mounted: {}", config.volume(), e.getMessage());
            throw e;
        } finally {
            stop(false, Duration.ZERO, Progress.NONE);
            removeHook(signal);
        }
    }

    private void start() throws IOException, InterruptedException, CommandFailure {
        CipherWarmup.start();
        Hangup.does(this::reload);
        backends = EmbeddedBackends.start(config, home);
        Volume.Start start = request.repair() ? Volume.Start.REPAIR : Volume.Start.RESUME;
        ServedVolume opened = request.discardLocal() && Restore.hasLocalState(volumeHome)
                ? discardAndRestore()
                : ServedVolume.open(config, home, request.takeOver(), request.readOnly(), start);
        volume = opened;
        LOG.info("volume {} is open: {}", config.volume(), opened.recovery());
        try {
            mount = FuseMount.mount(opened.fileSystem(), options());
        } catch (MountException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
        state = "mounted";
        LOG.info("volume {} is mounted at {}", config.volume(), request.mountpoint());
    }

    /** When the published state cannot be brought here, the local one stays where it was. */
    private ServedVolume discardAndRestore() throws IOException, InterruptedException, CommandFailure {
        Path aside = Restore.setAside(volumeHome);
        boolean restored = false;
        try {
            ServedVolume opened =
                    ServedVolume.open(config, home, request.takeOver(), request.readOnly(), Volume.Start.RESTORE);
            restored = true;
            LOG.warn("local state of volume {} was moved to {}", config.volume(), aside);
            return opened;
        } finally {
            if (!restored) {
                Restore.putBack(volumeHome, aside);
            }
        }
    }

    /** The metrics endpoint, if the configuration asks for one. */
    private record Metrics(Optional<MetricsEndpoint> endpoint) implements AutoCloseable {
        @Override
        public void close() {
            endpoint.ifPresent(MetricsEndpoint::close);
        }
    }

    /** A port that is taken is no reason not to mount. */
    private Metrics metrics() {
        if (config.prometheusPort().isEmpty()) {
            return new Metrics(Optional.empty());
        }
        int port = config.prometheusPort().get();
        try {
            MetricsEndpoint endpoint = MetricsEndpoint.open(port, config.volume(), this::statusForMetrics);
            LOG.info("metrics at http://127.0.0.1:{}/metrics", endpoint.port());
            return new Metrics(Optional.of(endpoint));
        } catch (IOException e) {
            LOG.warn("prometheus_port {} cannot be served: {}", port, e.getMessage());
            return new Metrics(Optional.empty());
        }
    }

    private JsonNode statusForMetrics() {
        ServedVolume opened = volume;
        try {
            return opened == null ? Json.object() : opened.status();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MountOptions options() {
        MountOptions usual = MountOptions.of(request.mountpoint());
        return usual.withBinding(request.binding().orElse(config.mount().binding()))
                .withReadOnly(request.readOnly())
                .withAllowOther(config.mount().allowOther().orElse(usual.allowOther()))
                .withWritebackCache(config.mount().writebackCache())
                .withIoUring(config.mount().ioUring())
                .withFsname("qsfs:" + config.volume());
    }

    /** Until a command stopped everything, or somebody unmounted with the system's means. */
    private void awaitUnmount() throws InterruptedException {
        MountedFileSystem mounted = mount;
        if (mounted != null) {
            mounted.awaitUnmount();
        }
        if (state.equals("mounted")) {
            LOG.info("{} was unmounted from outside", request.mountpoint());
        }
    }

    private Map<String, AdminCommand> commands() {
        Map<String, AdminCommand> commands = new HashMap<>(StorageCommands.of(this::open, request.mountpoint()));
        commands.putAll(KeyCommands.of(this::open));
        commands.putAll(Map.of(
                "status", (arguments, progress) -> status(),
                "flush", (arguments, progress) -> flush(progress),
                "evict", (arguments, progress) -> open().evictAll(progress),
                "check",
                        (arguments, progress) ->
                                open().check(arguments.path("content").asBoolean(false), progress),
                "umount",
                        (arguments, progress) -> unmount(arguments.path("wait").asBoolean(true), progress)));
        return commands;
    }

    private void reload() {
        try {
            LOG.info("SIGHUP: {}", Json.line(open().config().reload().result()));
        } catch (IOException | CommandFailure e) {
            LOG.error("SIGHUP: the configuration was not reloaded: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("SIGHUP: the configuration was not reloaded", e);
        }
    }

    private ServedVolume open() throws CommandFailure {
        ServedVolume opened = volume;
        if (opened == null || !state.equals("mounted")) {
            throw new CommandFailure(
                    "volume \"" + config.volume() + "\" is " + state + "; try again when it is mounted");
        }
        return opened;
    }

    /** What the kernel holds of shared mappings, and of ordinary writes where it caches them, comes first. */
    private AdminReply flush(Progress progress) throws IOException, InterruptedException, CommandFailure {
        ServedVolume opened = open();
        MountedFileSystem mounted = mount;
        if (mounted != null) {
            mounted.writeBack();
        }
        return opened.flush(progress);
    }

    private AdminReply status() throws IOException {
        ServedVolume opened = volume;
        ObjectNode status = opened == null ? Json.object() : opened.status();
        status.put("volume", config.volume());
        status.put("mountpoint", request.mountpoint().toString());
        status.put("state", state);
        status.put("pid", ProcessHandle.current().pid());
        MountedFileSystem mounted = mount;
        if (mounted != null) {
            status.put("binding", mounted.binding().name().toLowerCase(java.util.Locale.ROOT));
            status.put("io_uring", mounted.isOverIoUring());
        }
        boolean degraded = opened == null || !state.equals("mounted") || opened.isDegraded();
        return new AdminReply(status, degraded ? CommandFailure.DEGRADED : CommandFailure.DONE);
    }

    private AdminReply unmount(boolean wait, Progress progress) throws CommandFailure, InterruptedException {
        // held until the end: the main thread, which the unmount wakes, must not stop everything without waiting for
        // uploads
        stopping.lockInterruptibly();
        try {
            MountedFileSystem mounted = mount;
            if (mounted != null) {
                mounted.unmount(false);
            }
            long left = stop(wait, Duration.ofDays(365), progress);
            return AdminReply.done(Json.object().put("not_stored", left));
        } catch (MountException e) {
            throw new CommandFailure(e.getMessage() + ". Close what uses it (fuser -vm " + request.mountpoint()
                    + " shows it) and try again");
        } finally {
            stopping.unlock();
        }
    }

    private void stopBySignal() {
        LOG.info("signal received, stopping");
        try {
            stop(true, SIGNAL_LIMIT, Progress.NONE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Unmounts if need be, closes the volume and stops the backends. Done once; others wait for its end.
     *
     * @param wait whether to wait, at most {@code limit}, until everything is stored
     * @return segments that are not stored
     */
    private long stop(boolean wait, Duration limit, Progress progress) throws InterruptedException {
        stopping.lockInterruptibly();
        try {
            if (stopped.getCount() == 0) {
                return 0;
            }
            state = "stopping";
            unmountWhateverIsOpen();
            long left = closeVolume(wait, limit, progress);
            EmbeddedBackends running = backends;
            if (running != null) {
                running.close();
            }
            stopped.countDown();
            return left;
        } finally {
            stopping.unlock();
        }
    }

    private void unmountWhateverIsOpen() throws InterruptedException {
        MountedFileSystem mounted = mount;
        if (mounted == null) {
            return;
        }
        try {
            mounted.close();
            if (!mounted.awaitUnmount(UNMOUNT_LIMIT)) {
                LOG.warn(
                        "{}: programs still hold open files; what they write from now on is lost",
                        request.mountpoint());
            }
        } catch (MountException e) {
            LOG.warn("cannot unmount {}", request.mountpoint(), e);
        }
    }

    private long closeVolume(boolean wait, Duration limit, Progress progress) throws InterruptedException {
        ServedVolume opened = volume;
        if (opened == null) {
            return 0;
        }
        try {
            return opened.close(wait, limit, progress);
        } catch (IOException e) {
            LOG.error("volume {} did not close cleanly; the next mount recovers it", config.volume(), e);
            return 0;
        }
    }

    private static void removeHook(Thread signal) throws InterruptedException {
        try {
            Runtime.getRuntime().removeShutdownHook(signal);
        } catch (IllegalStateException alreadyShuttingDown) {
            // the hook is what stops us; it ends by itself
            signal.join(TimeUnit.MINUTES.toMillis(2));
        }
    }
}
