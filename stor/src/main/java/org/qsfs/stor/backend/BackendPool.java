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
 * <p>The set of backends is swapped whole by {@link #reconfigure}; whoever holds a backend that is not in it any more finds its calls failing.
 *
 * <p>Thread-safe. Nobody waits for the monitors.
 */
public final class BackendPool implements AutoCloseable {
    private final VolumeId volume;
    private final boolean claim;
    private PoolSettings settings;
    private volatile Map<BackendId, Member> members = Map.of();
    private boolean closed;

    private record Member(Backend backend, BackendMonitor monitor, Thread thread) {
        void close() {
            thread.interrupt();
            backend.close();
        }
    }

    private BackendPool(VolumeId volume, PoolSettings settings, boolean claim) {
        this.volume = volume;
        this.settings = settings;
        this.claim = claim;
    }

    /**
     * Connects to the backends.
     *
     * @param claim whether to mark namespaces that are not marked yet as this volume's, and to make those that do not exist where that is allowed; false for reading only
     * @throws StorException.WrongBackend when one that can be reached belongs to another volume, or is another one of this volume
     * @throws IllegalArgumentException when two backends have the same id or the same address and namespace
     */
    public static BackendPool open(
            VolumeId volume, Collection<BackendConfig> configs, PoolSettings settings, boolean claim)
            throws StorException.WrongBackend {
        BackendPool pool = new BackendPool(volume, settings, claim);
        pool.reconfigure(configs, settings);
        return pool;
    }

    /**
     * Uses these backends from now on. One whose address did not change keeps its connections and what is known of it. When this fails, everything stays as it was.
     *
     * @throws StorException.WrongBackend when a new one that can be reached belongs to another volume, or is another one of this volume
     * @throws IllegalArgumentException when two backends have the same id or the same address and namespace
     */
    public synchronized void reconfigure(Collection<BackendConfig> configs, PoolSettings nextSettings)
            throws StorException.WrongBackend {
        requireDistinct(configs);
        Map<BackendId, Member> before = members;
        Map<BackendId, Member> next = new LinkedHashMap<>();
        List<Member> fresh = new ArrayList<>();
        for (BackendConfig config : configs) {
            Member known = before.get(config.id());
            if (known != null
                    && nextSettings.equals(settings)
                    && known.backend().config().endpoint().equals(config.endpoint())) {
                next.put(config.id(), known);
            } else {
                Member made = member(config, nextSettings);
                fresh.add(made);
                next.put(config.id(), made);
            }
        }
        boolean done = false;
        try {
            firstLook(fresh.stream().map(Member::monitor).toList());
            done = !closed;
        } finally {
            if (!done) {
                fresh.forEach(Member::close);
            }
        }
        if (closed) {
            throw new IllegalStateException("the pool of backends is closed");
        }
        configs.forEach(config -> {
            Member member = next.get(config.id());
            if (member != null) {
                member.backend().configure(config);
            }
        });
        members = Collections.unmodifiableMap(next);
        settings = nextSettings;
        fresh.forEach(member -> member.thread().start());
        before.values().stream().filter(member -> !next.containsValue(member)).forEach(Member::close);
    }

    private Member member(BackendConfig config, PoolSettings nextSettings) {
        Backend backend = new Backend(config, nextSettings);
        BackendMonitor monitor = new BackendMonitor(backend, volume, claim, nextSettings);
        return new Member(
                backend, monitor, Thread.ofVirtual().name("backend-monitor").unstarted(monitor));
    }

    /** All backends, in the order of the configuration. */
    public Collection<Backend> all() {
        return members.values().stream().map(Member::backend).toList();
    }

    /** The backend with that id, empty when the configuration names none. */
    public Optional<Backend> find(BackendId id) {
        return Optional.ofNullable(members.get(id)).map(Member::backend);
    }

    /** What is known of each. */
    public List<BackendStatus> statuses() {
        return all().stream().map(Backend::status).toList();
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
    public synchronized void close() {
        closed = true;
        members.values().forEach(Member::close);
    }
}
