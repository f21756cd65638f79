package org.qsfs.stor.volume;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.segment.BackendFailure;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.zdb.client.ZdbException;

/** Small values of which every backend has a copy. All backends are asked at the same time, each within the deadline of a call. Thread-safe. */
final class ReplicatedValues {
    private final BackendPool pool;

    ReplicatedValues(BackendPool pool) {
        this.pool = pool;
    }

    /**
     * Writes a value to every backend that can take it.
     *
     * @return the backends that did not, and why
     */
    List<BackendFailure> write(byte[] key, byte[] value) throws InterruptedException {
        return onEach(backend -> backend.state().writable(), backend -> backend.write(key, value));
    }

    /** The copies that can be read, by backend. */
    Map<BackendId, byte[]> read(byte[] key) throws InterruptedException {
        Map<BackendId, byte[]> found = new ConcurrentHashMap<>();
        onEach(backend -> true, backend -> backend.read(key).ifPresent(value -> found.put(backend.id(), value)));
        return found;
    }

    private List<BackendFailure> onEach(Predicate<Backend> usable, Consumer<Backend> call) throws InterruptedException {
        List<BackendFailure> failures = new ArrayList<>();
        List<Future<Optional<BackendFailure>>> calls = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Backend backend : pool.all()) {
                if (backend.identified() && usable.test(backend)) {
                    calls.add(threads.submit(() -> failureOf(backend, call)));
                } else {
                    failures.add(new BackendFailure(backend.id(), backend.state() + ": " + backend.detail()));
                }
            }
            for (Future<Optional<BackendFailure>> started : calls) {
                started.get().ifPresent(failures::add);
            }
        } catch (ExecutionException failed) {
            throw new IllegalStateException("a call to a backend failed", failed.getCause());
        }
        return failures;
    }

    private static Optional<BackendFailure> failureOf(Backend backend, Consumer<Backend> call) {
        try {
            call.accept(backend);
            return Optional.empty();
        } catch (ZdbException failed) {
            return Optional.of(new BackendFailure(backend.id(), String.valueOf(failed.getMessage())));
        }
    }
}
