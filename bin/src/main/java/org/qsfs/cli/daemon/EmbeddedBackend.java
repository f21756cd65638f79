package org.qsfs.cli.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.config.Secret;
import org.qsfs.cli.home.PrivateFiles;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.NamespaceSettings;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.client.ZdbException;
import org.qsfs.zdb.client.ZdbTimeouts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One backend that runs as a process of this machine. It outlives a daemon that is killed, and the next daemon takes it over: the file {@code process} says pid and
 * start time, and only our backend knows the namespace's password.
 *
 * <p>Not thread-safe; {@link EmbeddedBackends} gives each its own thread.
 */
final class EmbeddedBackend {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBackend.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final ZdbTimeouts TIMEOUTS = new ZdbTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(5));

    private final Config.Backend backend;
    private final Path directory;
    private final Launcher launcher;

    EmbeddedBackend(Config.Backend backend, Path directory, Launcher launcher) {
        this.backend = backend;
        this.directory = directory;
        this.launcher = launcher;
    }

    Config.Backend backend() {
        return backend;
    }

    /**
     * Returns the running process, started if need be, when it answers and has its namespace.
     *
     * @throws CommandFailure when it does not come up
     */
    ProcessHandle start() throws IOException, InterruptedException, CommandFailure {
        Optional<ProcessHandle> survivor = survivor();
        if (survivor.isPresent() && answers()) {
            LOG.info(
                    "backend {}: process {} still runs, taken over",
                    backend.id(),
                    survivor.get().pid());
            return survivor.get();
        }
        if (survivor.isPresent()) {
            LOG.warn(
                    "backend {}: process {} does not answer, replacing it",
                    backend.id(),
                    survivor.get().pid());
            stop(survivor.get());
        }
        PrivateFiles.directory(directory);
        Path adminFile = directory.resolve("admin");
        if (!Files.exists(adminFile)) {
            byte[] password = new byte[16];
            new SecureRandom().nextBytes(password);
            PrivateFiles.write(adminFile, HexFormat.of().formatHex(password));
        }
        Process process = launcher.detached(List.of(
                        "zdb",
                        "--data",
                        directory.resolve("data").toString(),
                        "--index",
                        directory.resolve("index").toString(),
                        "--listen",
                        backend.address().host(),
                        "--port",
                        Integer.toString(backend.address().port()),
                        "--mode",
                        "user",
                        "--sync",
                        "always",
                        // the volume keeps what it has read
                        "--cache",
                        "0",
                        "--admin-file",
                        adminFile.toString()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        ProcessHandle handle = process.toHandle();
        PrivateFiles.write(processFile(), handle.pid() + "\n" + startOf(handle) + "\n");
        awaitAnswer(handle, Files.readString(adminFile).strip());
        LOG.info("backend {}: process {} serves {}", backend.id(), handle.pid(), backend.address());
        return handle;
    }

    /** Ends a process of this backend: politely, then not. */
    void stop(ProcessHandle process) throws InterruptedException, IOException {
        process.destroy();
        if (!ended(process, STOP_LIMIT)) {
            LOG.warn("backend {}: process {} ignores SIGTERM, killing it", backend.id(), process.pid());
            process.destroyForcibly();
            ended(process, STOP_LIMIT);
        }
        Files.deleteIfExists(processFile());
    }

    private static boolean ended(ProcessHandle process, Duration limit) throws InterruptedException {
        try {
            process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for a process cannot fail", e);
        }
    }

    /** The process that an earlier daemon started, if it still lives. */
    private Optional<ProcessHandle> survivor() throws IOException {
        try {
            List<String> lines = Files.readAllLines(processFile());
            return ProcessHandle.of(Long.parseLong(lines.getFirst()))
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> lines.size() == 2 && startOf(process).equals(lines.get(1)));
        } catch (NoSuchFileException | NumberFormatException none) {
            return Optional.empty();
        }
    }

    private static String startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toString).orElse("unknown");
    }

    private void awaitAnswer(ProcessHandle process, String adminPassword)
            throws InterruptedException, CommandFailure, IOException {
        Instant deadline = Instant.now().plus(START_LIMIT);
        String last = "no answer";
        while (Instant.now().isBefore(deadline)) {
            if (!process.isAlive()) {
                throw new CommandFailure("backend " + backend.id() + " at " + backend.address() + " ended at once: "
                        + lastLogLine() + " (its log is " + log()
                        + "). If another program uses the port, change the address in the configuration.");
            }
            try (ZdbClient client = client(adminPassword)) {
                client.createNamespace(new NamespaceSettings(NamespaceMode.USER, 0, password(), false));
                client.ping();
                return;
            } catch (ZdbException notYet) {
                last = String.valueOf(notYet.getMessage());
                Thread.sleep(POLL);
            }
        }
        stop(process);
        throw new CommandFailure("backend " + backend.id() + " at " + backend.address() + " does not answer within "
                + START_LIMIT.toSeconds() + " s: " + last + " (its log is " + log() + ")");
    }

    private boolean answers() {
        try (ZdbClient client = client("")) {
            client.ping();
            return true;
        } catch (ZdbException e) {
            return false;
        }
    }

    private ZdbClient client(String adminPassword) {
        return new ZdbClient(
                new ZdbEndpoint(
                        backend.address(),
                        backend.namespace(),
                        password(),
                        adminPassword.isEmpty() ? null : adminPassword),
                TIMEOUTS,
                1);
    }

    private String password() {
        return backend.password().map(Secret::reveal).orElse("");
    }

    private String lastLogLine() throws IOException {
        List<String> lines = Files.exists(log()) ? Files.readAllLines(log()) : List.of();
        return lines.isEmpty() ? "it said nothing" : lines.getLast();
    }

    private Path log() {
        return directory.resolve("log");
    }

    private Path processFile() {
        return directory.resolve("process");
    }
}
