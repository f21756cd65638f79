package org.qsfs.metadata.zdb;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.qsfs.metadata.CatalogException;
import org.qsfs.zdb.client.ScanEntry;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEntry;
import org.qsfs.zdb.client.ZdbException;

/**
 * All namespaces of a catalog, asked at the same time. Once enough have answered, the others get only a moment more: a slow one does not slow the catalog down.
 *
 * <p>A namespace has at most one write under way: one that is still busy with an earlier write counts as failed, so that writes never overtake each other.
 *
 * <p>Thread-safe.
 */
final class Nodes implements AutoCloseable {
    private static final Duration MOMENT = Duration.ofMillis(300);
    private static final int CONNECTIONS = 4;

    private final ZdbCatalogConfig config;
    private final List<ZdbClient> clients = new ArrayList<>();
    private final List<Semaphore> writing = new ArrayList<>();

    Nodes(ZdbCatalogConfig config) {
        this.config = config;
        config.namespaces().forEach(endpoint -> {
            clients.add(new ZdbClient(endpoint, config.timeouts(), CONNECTIONS));
            writing.add(new Semaphore(1));
        });
    }

    int count() {
        return clients.size();
    }

    /**
     * Answers by node.
     *
     * @param results null where a node failed or was not waited for
     * @param failures what went wrong, for people
     */
    record Answers<T>(List<@Nullable T> results, List<RuntimeException> failures) {
        int count() {
            return (int) results.stream().filter(result -> result != null).count();
        }

        /** @throws CatalogException when fewer than that many succeeded */
        Answers<T> require(int needed, String what) {
            if (count() >= needed) {
                return this;
            }
            String found = what + ": only " + count() + " of " + results.size() + " zdb namespaces answered, expected "
                    + needed + "; "
                    + failures.stream().map(Throwable::getMessage).toList();
            RuntimeException first = failures.isEmpty() ? null : failures.getFirst();
            if (!failures.isEmpty() && failures.stream().allMatch(ZdbException.Denied.class::isInstance)) {
                throw new CatalogException.Denied(found, first);
            }
            if (failures.stream().anyMatch(ZdbException.NoSpace.class::isInstance)) {
                throw new CatalogException.Full(found, first);
            }
            throw new CatalogException.Unavailable(found, first);
        }
    }

    /** The values of names, in their order, from every node that answers. */
    Answers<List<Optional<byte[]>>> read(List<byte[]> names) {
        return ask(node -> clients.get(node).getAll(names), Math.max(config.readQuorum(), config.dataShards()));
    }

    /**
     * Every name that a node holds and that the catalog wants.
     *
     * @param enough how many nodes must answer before the others get only a moment more
     */
    Answers<List<byte[]>> names(java.util.function.Predicate<byte[]> wanted, int enough) {
        return ask(
                node -> {
                    List<byte[]> names = new ArrayList<>();
                    clients.get(node).scan((ScanEntry entry) -> {
                        if (wanted.test(entry.key())) {
                            names.add(entry.key());
                        }
                    });
                    return names;
                },
                enough);
    }

    /** Writes what each node is to get; nothing where that is empty. */
    Answers<Boolean> write(IntFunction<List<ZdbEntry>> entries) {
        return exclusively(node -> {
            List<ZdbEntry> wanted = entries.apply(node);
            if (!wanted.isEmpty()) {
                clients.get(node).setAll(wanted);
            }
            return true;
        });
    }

    /** Removes names from every node. */
    Answers<Boolean> delete(List<byte[]> names) {
        return exclusively(node -> {
            names.forEach(clients.get(node)::delete);
            return true;
        });
    }

    private Answers<Boolean> exclusively(IntFunction<Boolean> call) {
        return ask(
                node -> {
                    if (!writing.get(node).tryAcquire()) {
                        throw new CatalogException.Unavailable(
                                config.namespaces().get(node) + " is still busy with an earlier write", null);
                    }
                    try {
                        return call.apply(node);
                    } finally {
                        writing.get(node).release();
                    }
                },
                config.writeQuorum());
    }

    private record Outcome<T>(
            int node, @Nullable T result, @Nullable RuntimeException failure) {}

    /** Waits for all, but after {@code enough} successes only for a moment. */
    private <T> Answers<T> ask(IntFunction<T> call, int enough) {
        LinkedBlockingQueue<Outcome<T>> outcomes = new LinkedBlockingQueue<>();
        for (int i = 0; i < count(); i++) {
            int node = i;
            Thread.ofVirtual().name("catalog zdb " + node).start(() -> outcomes.add(outcome(node, call)));
        }
        List<@Nullable T> results = new ArrayList<>(java.util.Collections.nCopies(count(), null));
        List<RuntimeException> failures = new ArrayList<>();
        long patience =
                config.timeouts().request().plus(config.timeouts().connect()).toNanos();
        long deadline = System.nanoTime() + patience * 4;
        int successes = 0;
        try {
            for (int i = 0; i < count(); i++) {
                Outcome<T> next = outcomes.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (next == null) {
                    failures.add(new CatalogException.Unavailable("a namespace was not waited for any longer", null));
                    break;
                }
                T result = next.result();
                RuntimeException failure = next.failure();
                if (result != null) {
                    results.set(next.node(), result);
                    successes++;
                }
                if (failure != null) {
                    failures.add(failure);
                }
                if (successes == enough) {
                    deadline = Math.min(deadline, System.nanoTime() + MOMENT.toNanos());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CatalogException.Unavailable("asking the namespaces of the catalog was interrupted", e);
        }
        return new Answers<>(results, failures);
    }

    private static <T> Outcome<T> outcome(int node, IntFunction<T> call) {
        try {
            return new Outcome<>(node, call.apply(node), null);
        } catch (ZdbException | CatalogException e) {
            return new Outcome<>(node, null, e);
        }
    }

    @Override
    public void close() {
        clients.forEach(ZdbClient::close);
    }
}
