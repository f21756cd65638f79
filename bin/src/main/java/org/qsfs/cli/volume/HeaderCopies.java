package org.qsfs.cli.volume;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.config.Secret;
import org.qsfs.encryption.MalformedException;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.client.ZdbException;
import org.qsfs.zdb.client.ZdbTimeouts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies of a volume's header: one in the catalog, under {@value #CATALOG_KEY} and not sealed, and one on every backend, under {@value #BACKEND_KEY}.
 * Of several the highest generation is valid.
 */
public final class HeaderCopies {
    /** Key in the catalog. */
    public static final String CATALOG_KEY = "volume/header";

    /** Key on a backend. */
    public static final String BACKEND_KEY = "qsfs-header";

    private static final Logger LOG = LoggerFactory.getLogger(HeaderCopies.class);
    private static final ZdbTimeouts TIMEOUTS = new ZdbTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(10));
    private static final byte[] KEY = BACKEND_KEY.getBytes(StandardCharsets.US_ASCII);

    private final Catalog catalog;
    private final List<Config.Backend> backends;

    /** @param catalog not sealed; stays open */
    public HeaderCopies(Catalog catalog, List<Config.Backend> backends) {
        this.catalog = catalog;
        this.backends = backends;
    }

    /** The newest header that can be found; a copy that is damaged counts as none. */
    public Optional<VolumeHeader> newest() throws InterruptedException {
        List<VolumeHeader> found = new ArrayList<>();
        catalog.get(CATALOG_KEY)
                .map(CatalogEntry::value)
                .flatMap(bytes -> decode("the catalog", bytes))
                .ifPresent(found::add);
        for (Answer<Optional<VolumeHeader>> answer : onEach((backend, client) ->
                client.get(KEY).flatMap(bytes -> decode("backend " + backend.id(), bytes)))) {
            answer.value().flatMap(header -> header).ifPresent(found::add);
        }
        return found.stream().max(Comparator.comparingLong(VolumeHeader::generation));
    }

    /**
     * Stores a header of a new volume: in the catalog, where none may be yet, and on every backend that can be reached.
     *
     * @param needed backends that must take it
     */
    public void storeFirst(VolumeHeader header, int needed) throws InterruptedException, CommandFailure {
        byte[] bytes = header.encode();
        List<Answer<Boolean>> answers = onEach((backend, client) -> {
            client.set(KEY, bytes);
            return true;
        });
        long stored =
                answers.stream().filter(answer -> answer.value().isPresent()).count();
        if (stored < needed) {
            throw new CommandFailure("the volume header is on " + stored + " of " + backends.size()
                    + " backends, expected at least " + needed + ": "
                    + String.join(
                            "; ",
                            answers.stream()
                                    .map(Answer::problem)
                                    .filter(text -> !text.isEmpty())
                                    .toList()));
        }
        CatalogTransaction transaction = CatalogTransaction.begin()
                .ifAbsent(CATALOG_KEY)
                .put(CATALOG_KEY, bytes)
                .build();
        if (catalog.commit(transaction).isEmpty()) {
            throw new CommandFailure(catalog
                    + " already holds a volume; take another volume name, or another prefix under [meta.config]");
        }
    }

    private interface Call<T> {
        T on(Config.Backend backend, ZdbClient client);
    }

    /** What one backend came to: a value, or why there is none. */
    private record Answer<T>(Optional<T> value, String problem) {}

    private <T> List<Answer<T>> onEach(Call<T> call) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Answer<T>>> calls = new ArrayList<>();
            for (Config.Backend backend : backends) {
                calls.add(() -> ask(backend, call));
            }
            List<Answer<T>> answers = new ArrayList<>();
            for (Future<Answer<T>> future : threads.invokeAll(calls)) {
                answers.add(future.get());
            }
            return answers;
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking a backend failed in an unexpected way", e.getCause());
        }
    }

    private static <T> Answer<T> ask(Config.Backend backend, Call<T> call) {
        try (ZdbClient client = new ZdbClient(endpoint(backend), TIMEOUTS, 1)) {
            return new Answer<>(Optional.of(call.on(backend, client)), "");
        } catch (ZdbException e) {
            LOG.warn("backend {}: {}", backend.id(), e.getMessage());
            return new Answer<>(Optional.empty(), "backend " + backend.id() + ": " + e.getMessage());
        }
    }

    static ZdbEndpoint endpoint(Config.Backend backend) {
        return new ZdbEndpoint(
                backend.address(),
                backend.namespace(),
                backend.password().map(Secret::reveal).orElse(null),
                null);
    }

    private static Optional<VolumeHeader> decode(String where, byte[] bytes) {
        try {
            return Optional.of(VolumeHeader.decode(bytes));
        } catch (MalformedException e) {
            LOG.warn("the volume header of {} is damaged: {}", where, e.getMessage());
            return Optional.empty();
        }
    }
}
