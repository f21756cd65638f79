package org.qsfs.cli.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Backends of a test: {@code qsfs zdb} processes on loopback ports that stay the same over restarts. Their processes end with the {@link Installation}. */
final class Backends {
    private static final Duration START_DEADLINE = Duration.ofSeconds(60);

    private final Installation qsfs;
    private final Path directory;
    private final List<Integer> ports;
    private final Process[] processes;

    Backends(Installation qsfs, Path directory, int count) throws IOException {
        this.qsfs = qsfs;
        this.directory = Files.createDirectories(directory);
        this.ports = freePorts(count);
        this.processes = new Process[count];
        startAll();
    }

    /** Starts those that do not run and waits until they answer. */
    void startAll() throws IOException {
        for (int i = 0; i < ports.size(); i++) {
            Process process = processes[i];
            if (process == null || !process.isAlive()) {
                Path own = Files.createDirectories(directory.resolve("zdb" + i));
                processes[i] = qsfs.start(
                        own.resolve("log"),
                        "zdb",
                        "--data",
                        own.resolve("data"),
                        "--index",
                        own.resolve("index"),
                        "--listen",
                        "127.0.0.1",
                        "--port",
                        ports.get(i),
                        "--sync",
                        "always");
            }
        }
        for (int i = 0; i < ports.size(); i++) {
            int port = ports.get(i);
            Installation.await("backend " + i + " listens", START_DEADLINE, () -> listens(port));
        }
    }

    void kill(int backend) {
        Installation.kill(processes[backend].toHandle());
    }

    /** A configuration of the volume {@code e2e}: 2+2 over these backends in groups of one, and an etcd catalog. */
    String config(List<String> endpoints) {
        String backends = ports.stream().map(port -> """

                        [[groups]]
                        [[groups.backends]]
                        address = "127.0.0.1:%d"
                        namespace = "e2e"
                        """.formatted(port)).collect(Collectors.joining());
        String list = endpoints.stream().map(endpoint -> '"' + endpoint + '"').collect(Collectors.joining(", "));
        return """
                volume = "e2e"
                minimal_shards = 2
                expected_shards = 4
                redundant_groups = 2
                redundant_nodes = 0

                [meta]
                type = "etcd"

                [meta.config]
                endpoints = [%s]
                prefix = "e2e"
                """.formatted(list) + backends;
    }

    /** Whether something accepts connections at a port of the loopback address. */
    static boolean listens(int port) {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }
}
