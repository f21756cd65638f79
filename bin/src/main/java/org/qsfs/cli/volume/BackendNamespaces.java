package org.qsfs.cli.volume;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.placement.Candidate;
import org.qsfs.stor.placement.Placement;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.StorException;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.NamespaceSettings;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbException;
import org.qsfs.zdb.client.ZdbTimeouts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the namespaces of a new volume on servers that let us. */
final class BackendNamespaces {
    private static final Logger LOG = LoggerFactory.getLogger(BackendNamespaces.class);
    private static final ZdbTimeouts TIMEOUTS = new ZdbTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(10));

    private BackendNamespaces() {}

    /** What came of one look. */
    private sealed interface Outcome {
        /** It can be used. */
        record Usable() implements Outcome {}

        /** Nobody answers; it may come later. */
        record Away(BackendId backend, String reason) implements Outcome {}

        /** Somebody answers, and it cannot be used as it is. */
        record Wrong(BackendId backend, String reason) implements Outcome {}
    }

    /**
     * Looks at the namespace of every backend and creates it, in user mode and with the configured password, where there is none and everybody is admin. Backends that
     * cannot be reached do not hinder when the shards can be placed without them; they are set up when they come.
     *
     * @return those that could not be reached, with the reason
     * @throws CommandFailure naming every backend that cannot be used, and why
     */
    static List<String> ensure(Config config) throws CommandFailure, InterruptedException {
        List<String> wrong = new ArrayList<>();
        List<String> away = new ArrayList<>();
        Set<BackendId> missing = new HashSet<>();
        for (Outcome outcome : looks(BackendSettings.backends(config))) {
            switch (outcome) {
                case Outcome.Usable() -> {}
                case Outcome.Away(BackendId backend, String reason) -> {
                    missing.add(backend);
                    away.add("backend " + backend + ": " + reason);
                }
                case Outcome.Wrong(BackendId backend, String reason) -> wrong.add("backend " + backend + ": " + reason);
            }
        }
        if (!wrong.isEmpty()) {
            throw new CommandFailure("not every backend can be used; nothing was set up:\n" + String.join("\n", wrong));
        }
        if (!missing.isEmpty()) {
            requirePlacement(config, missing, away);
        }
        return away;
    }

    /**
     * The same for the namespaces of a zdb catalog; those that cannot be reached are left to {@link org.qsfs.metadata.Catalog#checkWritable}.
     *
     * @throws CommandFailure naming every namespace that cannot be used, and why
     */
    static void ensureCatalog(Config config) throws CommandFailure, InterruptedException {
        if (!(config.catalog() instanceof Config.Catalog.Zdb zdb)) {
            return;
        }
        List<BackendConfig> namespaces = zdb.backends().stream()
                .map(backend ->
                        new BackendConfig(backend.id(), "catalog", BackendSettings.endpoint(backend), backend.terms()))
                .toList();
        List<String> wrong = new ArrayList<>();
        for (Outcome outcome : looks(namespaces)) {
            if (outcome instanceof Outcome.Wrong(BackendId backend, String reason)) {
                wrong.add("catalog namespace " + backend + ": " + reason);
            }
        }
        if (!wrong.isEmpty()) {
            throw new CommandFailure("the catalog cannot be used; nothing was set up:\n" + String.join("\n", wrong));
        }
    }

    private static void requirePlacement(Config config, Set<BackendId> missing, List<String> away)
            throws CommandFailure {
        List<Candidate> there = BackendSettings.backends(config).stream()
                .filter(backend -> !missing.contains(backend.id()))
                .map(backend -> new Candidate(backend.id(), backend.group(), 1))
                .toList();
        try {
            List<BackendId> chosen = new Placement(config.redundancy(), new SecureRandom()).choose(there);
            LOG.debug("without {} shards can be placed on {}", missing, chosen);
        } catch (StorException.NoPlacement e) {
            throw new CommandFailure(
                    "not every backend can be reached, and nothing can be stored without them; nothing was set up:\n"
                            + String.join("\n", away) + "\n" + e.getMessage(),
                    e);
        }
    }

    private static List<Outcome> looks(List<BackendConfig> backends) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Outcome>> looks = new ArrayList<>();
            for (BackendConfig backend : backends) {
                looks.add(() -> ensure(backend));
            }
            List<Outcome> outcomes = new ArrayList<>();
            for (Future<Outcome> look : threads.invokeAll(looks)) {
                outcomes.add(look.get());
            }
            return outcomes;
        } catch (ExecutionException e) {
            throw new IllegalStateException("looking at a backend failed in an unexpected way", e.getCause());
        }
    }

    private static Outcome ensure(BackendConfig backend) {
        try (ZdbClient client = new ZdbClient(backend.endpoint(), TIMEOUTS, 1)) {
            try {
                client.info();
            } catch (ZdbException.NamespaceMissing missing) {
                String password = backend.endpoint().password();
                client.createNamespace(new NamespaceSettings(
                        NamespaceMode.USER, backend.terms().capacity(), password, password == null));
            }
            return new Outcome.Usable();
        } catch (ZdbException.Unreachable | ZdbException.Timeout e) {
            return new Outcome.Away(backend.id(), String.valueOf(e.getMessage()));
        } catch (ZdbException.Denied e) {
            return new Outcome.Wrong(
                    backend.id(), e.getMessage() + "; create the namespace in user mode, or correct its password");
        } catch (ZdbException e) {
            return new Outcome.Wrong(backend.id(), String.valueOf(e.getMessage()));
        }
    }
}
