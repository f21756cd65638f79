package org.qsfs.cli.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One installation of the product as its user has it: the launcher {@code bin/qsfs} and a QSFS_HOME of its own. Closing it unmounts and ends every process that was
 * started with this home, by process id.
 */
final class Installation implements AutoCloseable {
    /** What a command printed and returned. */
    record Result(int exit, String out, String err) {
        String all() {
            return "exit " + exit + "\n" + out + err;
        }
    }

    private static final Path LAUNCHER = launcher();
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final Path home;
    private final List<Path> mountpoints = new ArrayList<>();

    Installation(Path home) throws IOException {
        this.home = Files.createDirectories(home);
    }

    Path home() {
        return home;
    }

    Path volume(String name) {
        return home.resolve("volumes").resolve(name);
    }

    /** Runs a command and returns what it did. */
    Result run(String... arguments) throws IOException, InterruptedException {
        return execute(LAUNCHER.toString(), arguments);
    }

    /** Runs a command that has to succeed. */
    String must(String... arguments) throws IOException, InterruptedException {
        Result result = run(arguments);
        if (result.exit() != 0) {
            throw new AssertionError("qsfs " + String.join(" ", arguments) + ": " + result.all() + daemonLogs());
        }
        return result.out();
    }

    /** Runs any program in this installation's environment. */
    Result execute(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(Arrays.asList(arguments));
        Path out = Files.createTempFile("qsfs-out", ".txt");
        Path err = Files.createTempFile("qsfs-err", ".txt");
        try {
            Process process = builder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end within " + LONGEST + "; it printed "
                        + Files.readString(out) + Files.readString(err) + daemonLogs());
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Starts a command that goes on in the background, a server for instance. */
    Process start(Path log, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(Arrays.asList(arguments));
        return builder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    void mount(Path mountpoint, String... options) throws IOException, InterruptedException {
        Files.createDirectories(mountpoint);
        mountpoints.add(mountpoint);
        List<String> arguments = new ArrayList<>(List.of("mount", mountpoint.toString(), "-d"));
        arguments.addAll(Arrays.asList(options));
        must(arguments.toArray(String[]::new));
    }

    /** Ends the daemon as a power cut would. Returns when it is gone. */
    void killDaemon() throws IOException {
        List<ProcessHandle> daemons = processes().stream()
                .filter(process -> commandLine(process).contains("org.qsfs.cli.Main\0mount"))
                .toList();
        if (daemons.isEmpty()) {
            throw new AssertionError("there is no daemon to kill in " + home);
        }
        kill(daemons);
    }

    /** The daemons' logs, for messages. */
    String daemonLogs() throws IOException {
        StringBuilder logs = new StringBuilder();
        if (Files.isDirectory(home.resolve("volumes"))) {
            try (Stream<Path> files = Files.walk(home.resolve("volumes"), 2)) {
                for (Path log :
                        files.filter(file -> file.toString().endsWith(".log")).toList()) {
                    List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
                    logs.append("\n--- ").append(log).append('\n');
                    lines.subList(Math.max(0, lines.size() - 60), lines.size())
                            .forEach(line -> logs.append(line).append('\n'));
                }
            }
        }
        return logs.toString();
    }

    @Override
    public void close() throws IOException {
        kill(processes());
        for (Path mountpoint : mountpoints) {
            try {
                new ProcessBuilder("umount", "-l", mountpoint.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("QSFS_HOME", home.toString());
        builder.environment().put("QSFS_JAVA_HOME", System.getProperty("java.home"));
        return builder;
    }

    private static void kill(List<ProcessHandle> processes) {
        processes.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle process : processes) {
            process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
        }
    }

    /** Every process but this one that runs with our QSFS_HOME. */
    private List<ProcessHandle> processes() throws IOException {
        String ours = "QSFS_HOME=" + home + "\0";
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(
                            process -> process.pid() != ProcessHandle.current().pid())
                    .filter(process -> read(process, "environ").contains(ours))
                    .toList();
        }
    }

    private static String commandLine(ProcessHandle process) {
        return read(process, "cmdline");
    }

    private static String read(ProcessHandle process, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), file), StandardCharsets.ISO_8859_1);
        } catch (IOException | UncheckedIOException e) {
            // it ended, or is not ours
            return "";
        }
    }

    private static Path launcher() {
        Path directory = Path.of("").toAbsolutePath();
        Path launcher = directory.endsWith("bin") ? directory.resolve("qsfs") : directory.resolve("bin/qsfs");
        if (!Files.isExecutable(launcher)) {
            throw new IllegalStateException("no launcher at " + launcher);
        }
        return launcher;
    }
}
