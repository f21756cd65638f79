package org.qsfs.cli.volume;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.NamespaceSettings;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbException;
import org.qsfs.zdb.client.ZdbTimeouts;

/** Makes the namespaces of a new volume on servers that let us. */
final class BackendNamespaces {
    private static final ZdbTimeouts TIMEOUTS = new ZdbTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(10));

    private BackendNamespaces() {}

    /**
     * Looks at the namespace of every backend and creates it, in user mode and with the configured password, where there is none and everybody is admin.
     *
     * @throws CommandFailure naming every backend that cannot be used, and why
     */
    static void ensure(Config config) throws CommandFailure, InterruptedException {
        List<String> problems = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> looks = new ArrayList<>();
            for (BackendConfig backend : BackendSettings.backends(config)) {
                looks.add(() -> ensure(backend));
            }
            for (Future<String> look : threads.invokeAll(looks)) {
                problems.add(look.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("looking at a backend failed in an unexpected way", e.getCause());
        }
        problems.removeIf(String::isEmpty);
        if (!problems.isEmpty()) {
            throw new CommandFailure(
                    "not every backend can be used; a new volume needs all of them:\n" + String.join("\n", problems));
        }
    }

    /** @return what is wrong, empty when nothing */
    private static String ensure(BackendConfig backend) {
        try (ZdbClient client = new ZdbClient(backend.endpoint(), TIMEOUTS, 1)) {
            try {
                client.info();
            } catch (ZdbException.NamespaceMissing missing) {
                String password = backend.endpoint().password();
                client.createNamespace(new NamespaceSettings(NamespaceMode.USER, 0, password, password == null));
            }
            return "";
        } catch (ZdbException.Denied e) {
            return "backend " + backend.id() + ": " + e.getMessage()
                    + "; create the namespace in user mode, or correct its password";
        } catch (ZdbException e) {
            return "backend " + backend.id() + ": " + e.getMessage();
        }
    }
}
