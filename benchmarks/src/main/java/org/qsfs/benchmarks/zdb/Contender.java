package org.qsfs.benchmarks.zdb;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.qsfs.zdb.ZdbMain;

/** A server process with a directory of its own, on loopback. */
final class Contender implements AutoCloseable {
    private static final long START_SECONDS = 120;

    /** Which server, and when it makes writes durable. */
    enum Kind {
        /** Append-only file, fsync every second; its file is not rewritten meanwhile. */
        REDIS("redis everysec"),
        /** The same promise: fsync every second. */
        ZDB_INTERVAL("zdb interval"),
        /** Acknowledges what is durable. */
        ZDB_ALWAYS("zdb always");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    private final Kind kind;
    private final Path directory;
    private final int port;
    private Process process;

    Contender(Kind kind, Path directory) throws IOException {
        this.kind = kind;
        this.directory = Files.createDirectories(directory);
        this.port = freePort();
        this.process = launch();
        awaitAnswer();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    Kind kind() {
        return kind;
    }

    int port() {
        return port;
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(kind == Kind.REDIS ? redis() : zdb())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
    }

    private List<String> redis() {
        return List.of(
                "redis-server",
                "--bind",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--dir",
                directory.toString(),
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec",
                "--auto-aof-rewrite-percentage",
                "0",
                "--save",
                "");
    }

    /** With the memory of a backend process (bin/qsfs); {@code -Dzdb.jvm} replaces it. */
    private List<String> zdb() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(System.getProperty("zdb.jvm", "-Xmx64m -XX:MaxDirectMemorySize=1g -XX:+UseSerialGC")
                .split(" ", -1)));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                ZdbMain.class.getName(),
                "--data",
                directory.resolve("data").toString(),
                "--index",
                directory.resolve("index").toString(),
                "--listen",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--sync",
                kind == Kind.ZDB_ALWAYS ? "always" : "interval"));
        return command;
    }

    /** Returns when the server answers a request, which it does when everything is loaded. */
    private void awaitAnswer() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (true) {
            try (LoadClient client = new LoadClient(port)) {
                // redis answers while it loads, with an error
                if (client.call("PING").startsWith("+")) {
                    return;
                }
            } catch (IOException e) {
                if (!process.isAlive()) {
                    throw new IOException(kind.label() + " ended: " + Files.readString(directory.resolve("log")), e);
                }
            }
            if (System.nanoTime() > deadline) {
                throw new IOException(kind.label() + " did not answer within " + START_SECONDS + " s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    /** Stops the server as SIGTERM does and starts it again; returns seconds from its start to the first answer. */
    double restart() throws IOException {
        stop();
        long start = System.nanoTime();
        process = launch();
        awaitAnswer();
        return (System.nanoTime() - start) / 1e9;
    }

    /** Bytes of memory that are resident and its own. */
    long residentBytes() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc", String.valueOf(process.pid()), "status"))) {
            return lines.filter(line -> line.startsWith("RssAnon:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Processor time that the process has used, in seconds; the system counts in hundredths. */
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
        // the second field is the name, in brackets; the 14th and 15th are user and system time
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }

    private void stop() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Stops the server and removes its directory. */
    @Override
    public void close() throws IOException {
        stop();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
