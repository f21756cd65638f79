package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.qsfs.cli.admin.Json;
import tools.jackson.databind.node.ObjectNode;

/**
 * One QSFS_HOME of its own and {@code bin/qsfs} to work with it. {@link #close} unmounts what is still mounted and ends every process that was started out of it, each by
 * its pid: daemons and backends write theirs down.
 */
public final class Installation implements AutoCloseable {
    private static final Duration USUAL_LIMIT = Duration.ofMinutes(3);

    private final Path launcher;
    private final Path home;
    private final Path scratch;
    private final List<Path> mountpoints = new ArrayList<>();
    private final List<Process> started = new ArrayList<>();
    private final Map<String, String> environment;

    /** @param directory an empty one, on a real disk */
    public Installation(Path directory, Map<String, String> environment) throws IOException {
        this.launcher = Path.of(System.getProperty("qsfs.launcher", "qsfs")).toRealPath();
        this.home = Files.createDirectories(directory.resolve("home"));
        this.scratch = Files.createDirectories(directory.resolve("scratch"));
        this.environment = Map.copyOf(environment);
    }

    public Installation(Path directory) throws IOException {
        this(directory, Map.of());
    }

    /** What a command came to. */
    public record Result(int exit, String out, String err) {
        /** Standard output as the JSON object it is. */
        public ObjectNode json() {
            return Json.parse(out);
        }

        public Result succeeded() {
            assertThat(exit).as("exit code; it said: %s%s", out, err).isZero();
            return this;
        }

        public Result failed(int expected) {
            assertThat(exit).as("exit code; it said: %s%s", out, err).isEqualTo(expected);
            return this;
        }
    }

    /** The script itself, {@code bin/qsfs} of the working tree. */
    public Path launcher() {
        return launcher;
    }

    public Path home() {
        return home;
    }

    /** A directory to mount at, unmounted at the end. */
    public Path mountpoint(String name) throws IOException {
        Path mountpoint = scratch.resolveSibling(name);
        Files.createDirectories(mountpoint);
        mountpoints.add(mountpoint);
        return mountpoint;
    }

    /** Runs {@code qsfs} with arguments, at most three minutes. */
    public Result qsfs(Object... arguments) throws IOException, InterruptedException {
        return run(USUAL_LIMIT, command(arguments));
    }

    /** Starts {@code qsfs} and leaves it running; ended by {@link #close} at the latest. */
    public Process start(Path output, Object... arguments) throws IOException {
        Process process = builder(command(arguments))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        started.add(process);
        return process;
    }

    /** Runs any program with this installation's environment. */
    public Result run(Duration limit, List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(scratch, "out", ".txt");
        Path err = Files.createTempFile(scratch, "err", ".txt");
        Process process = builder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("%s did not end within %s; it said: %s%s"
                    .formatted(command, limit, Files.readString(out), Files.readString(err)));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** Pid of the daemon that has a volume open. */
    public Optional<ProcessHandle> daemon(String volume) throws IOException {
        return pid(home.resolve("volumes").resolve(volume).resolve("daemon"));
    }

    /** The process of an embedded backend. */
    public Optional<ProcessHandle> backend(String volume, String id) throws IOException {
        return pid(home.resolve("backends").resolve(volume).resolve(id).resolve("process"));
    }

    /** Ends a process as a power cut would and waits until it is gone. */
    public static void kill(ProcessHandle process) {
        process.destroyForcibly();
        await("process " + process.pid() + " ended", Duration.ofSeconds(20), () -> !process.isAlive());
    }

    /** Waits for a condition. */
    public static void await(String what, Duration limit, Callable<Boolean> condition) {
        Instant deadline = Instant.now().plus(limit);
        try {
            while (!condition.call()) {
                if (Instant.now().isAfter(deadline)) {
                    throw new AssertionError("not within " + limit + ": " + what);
                }
                Thread.sleep(Duration.ofMillis(50));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting: " + what, e);
        } catch (Exception e) {
            throw new AssertionError("while waiting: " + what, e);
        }
    }

    private List<String> command(Object... arguments) {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(scratch.toFile())
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().put("QSFS_HOME", home.toString());
        builder.environment().putAll(environment);
        return builder;
    }

    private static Optional<ProcessHandle> pid(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(file);
        return lines.isEmpty() ? Optional.empty() : ProcessHandle.of(Long.parseLong(lines.getFirst()));
    }

    /** Backends run in sessions of their own and outlive a daemon, so they are found by what they wrote down. */
    @Override
    public void close() throws IOException {
        mountpoints.forEach(this::unmountLazily);
        List<ProcessHandle> left = new ArrayList<>();
        started.forEach(process -> left.add(process.toHandle()));
        for (String directory : List.of("volumes", "backends")) {
            if (Files.isDirectory(home.resolve(directory))) {
                try (Stream<Path> files = Files.walk(home.resolve(directory), 3)) {
                    files.filter(file -> file.endsWith("daemon") || file.endsWith("process"))
                            .forEach(file -> addProcess(left, file));
                }
            }
        }
        left.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle process : left) {
            await("process " + process.pid() + " ended", Duration.ofSeconds(20), () -> !process.isAlive());
        }
    }

    private void unmountLazily(Path mountpoint) {
        try {
            run(Duration.ofSeconds(20), List.of("fusermount3", "-uzq", mountpoint.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void addProcess(List<ProcessHandle> left, Path file) {
        try {
            pid(file).ifPresent(left::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
