package org.qsfs.cli.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.home.Home;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backends that a daemon runs itself. One that dies is started again, with growing pauses; a clean unmount stops them all.
 *
 * <p>Each backend has one virtual thread, which owns its process.
 */
public final class EmbeddedBackends implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBackends.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** A backend that ran this long is healthy: its next death starts with a short pause again. */
    private static final Duration HEALTHY = Duration.ofMinutes(1);

    private final List<EmbeddedBackend> backends;
    private final Map<EmbeddedBackend, ProcessHandle> processes = new ConcurrentHashMap<>();
    private final List<Thread> supervisors = new ArrayList<>();
    private volatile boolean stopping;

    private EmbeddedBackends(List<EmbeddedBackend> backends) {
        this.backends = backends;
    }

    /** Starts all embedded backends of a configuration at once and returns when every one answers. */
    public static EmbeddedBackends start(Config config, Home home) throws CommandFailure, InterruptedException {
        List<Config.Backend> wanted = wanted(config);
        if (wanted.isEmpty()) {
            return new EmbeddedBackends(List.of());
        }
        Launcher launcher = Launcher.ofThisProcess();
        EmbeddedBackends all = new EmbeddedBackends(wanted.stream()
                .map(backend -> new EmbeddedBackend(
                        backend,
                        home.backends(config.volume()).resolve(backend.id().value()),
                        launcher))
                .toList());
        try {
            all.startAll();
        } catch (CommandFailure | InterruptedException e) {
            all.close();
            throw e;
        }
        all.supervise();
        return all;
    }

    /** Whether a configuration has any. */
    static boolean areIn(Config config) {
        return !wanted(config).isEmpty();
    }

    private static List<Config.Backend> wanted(Config config) {
        List<Config.Backend> wanted = new ArrayList<>(config.backends());
        if (config.catalog() instanceof Config.Catalog.Zdb zdb) {
            wanted.addAll(zdb.backends());
        }
        wanted.removeIf(backend -> !backend.embedded());
        return wanted;
    }

    /** How many there are. */
    public int size() {
        return backends.size();
    }

    private void startAll() throws CommandFailure, InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<ProcessHandle>> starts = new ArrayList<>();
            for (EmbeddedBackend backend : backends) {
                starts.add(threads.submit(() -> {
                    ProcessHandle process = backend.start();
                    processes.put(backend, process);
                    return process;
                }));
            }
            for (Future<ProcessHandle> start : starts) {
                start.get();
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case CommandFailure failure -> throw failure;
                case IOException io -> throw new CommandFailure("cannot start an embedded backend: " + io, io);
                case null, default -> throw new IllegalStateException("starting a backend failed", e.getCause());
            }
        }
    }

    private void supervise() {
        for (EmbeddedBackend backend : backends) {
            supervisors.add(Thread.ofVirtual()
                    .name("supervise-" + backend.backend().id())
                    .start(() -> keepAlive(backend)));
        }
    }

    private void keepAlive(EmbeddedBackend backend) {
        Duration pause = FIRST_PAUSE;
        try {
            while (!stopping) {
                ProcessHandle process = processes.get(backend);
                if (process != null) {
                    long started = System.nanoTime();
                    process.onExit().get();
                    if (stopping) {
                        return;
                    }
                    LOG.warn(
                            "backend {}: process {} ended, starting it again",
                            backend.backend().id(),
                            process.pid());
                    if (System.nanoTime() - started > HEALTHY.toNanos()) {
                        pause = FIRST_PAUSE;
                    }
                    processes.remove(backend);
                }
                Thread.sleep(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
                try {
                    processes.put(backend, backend.start());
                } catch (CommandFailure | IOException e) {
                    LOG.warn(
                            "backend {}: cannot be started, next try in {} ms",
                            backend.backend().id(),
                            pause.toMillis(),
                            e);
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for a process cannot fail", e);
        }
    }

    /** Stops all of them, at the same time. */
    @Override
    public void close() {
        stopping = true;
        try {
            for (Thread supervisor : supervisors) {
                supervisor.interrupt();
                supervisor.join();
            }
            List<Thread> stops = new ArrayList<>();
            processes.forEach((backend, process) -> stops.add(Thread.ofVirtual().start(() -> stop(backend, process))));
            for (Thread stop : stops) {
                stop.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        processes.clear();
    }

    private static void stop(EmbeddedBackend backend, ProcessHandle process) {
        try {
            backend.stop(process);
        } catch (IOException e) {
            LOG.warn("backend {}: {}", backend.backend().id(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
