package org.qsfs.stor.backend;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.StorException;

/**
 * The backends of a volume, watched by a monitor each. Opening waits for a first answer of each for at most a few seconds; one that is down does not hinder.
 *
 * <p>Thread-safe. Nobody waits for the monitors.
 */
public final class BackendPool implements AutoCloseable {
    private final Map<BackendId, Backend> backends;
    private final List<Thread> monitors = new ArrayList<>();

    private BackendPool(Map<BackendId, Backend> backends) {
        this.backends = Collections.unmodifiableMap(backends);
    }

    /**
     * Connects to the backends.
     *
     * @param claim whether to mark namespaces that are not marked yet as this volume's; false for reading only
     * @throws StorException.WrongBackend when one that can be reached belongs to another volume, or is another one of this volume
     * @throws IllegalArgumentException when two backends have the same id or the same address and namespace
     */
    public static BackendPool open(
            VolumeId volume, Collection<BackendConfig> configs, PoolSettings settings, boolean claim)
            throws StorException.WrongBackend {
        requireDistinct(configs);
        Map<BackendId, Backend> backends = new LinkedHashMap<>();
        configs.forEach(config -> backends.put(config.id(), new Backend(config, settings)));
        BackendPool pool = new BackendPool(backends);
        List<BackendMonitor> monitors = backends.values().stream()
                .map(backend -> new BackendMonitor(backend, volume, claim, settings))
                .toList();
        boolean opened = false;
        try {
            firstLook(monitors);
            for (BackendMonitor monitor : monitors) {
                pool.monitors.add(Thread.ofVirtual().name("backend-monitor").start(monitor));
            }
            opened = true;
            return pool;
        } finally {
            if (!opened) {
                pool.close();
            }
        }
    }

    /** All backends, in the order of the configuration. */
    public Collection<Backend> all() {
        return backends.values();
    }

    /** The backend with that id, empty when the configuration names none. */
    public Optional<Backend> find(BackendId id) {
        return Optional.ofNullable(backends.get(id));
    }

    /** What is known of each. */
    public List<BackendStatus> statuses() {
        return backends.values().stream().map(Backend::status).toList();
    }

    private static void firstLook(List<BackendMonitor> monitors) throws StorException.WrongBackend {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> looks = new ArrayList<>();
            for (BackendMonitor monitor : monitors) {
                looks.add(threads.submit(() -> {
                    monitor.look();
                    return null;
                }));
            }
            for (Future<?> look : looks) {
                look.get();
            }
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof StorException.WrongBackend wrong) {
                throw wrong;
            }
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void requireDistinct(Collection<BackendConfig> configs) {
        long ids = configs.stream().map(BackendConfig::id).distinct().count();
        long places = configs.stream()
                .map(config -> config.endpoint().toString())
                .distinct()
                .count();
        if (ids < configs.size() || places < configs.size()) {
            throw new IllegalArgumentException("of " + configs.size() + " backends, " + ids + " have distinct ids and "
                    + places + " distinct addresses with namespaces; each needs its own");
        }
    }

    /** Ends the monitors and disconnects; calls under way fail. */
    @Override
    public void close() {
        monitors.forEach(Thread::interrupt);
        backends.values().forEach(Backend::close);
    }
}
