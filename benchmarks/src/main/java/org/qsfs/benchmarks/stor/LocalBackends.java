package org.qsfs.benchmarks.stor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.zdb.ZdbMain;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.client.ZdbException;

/** Backend processes as the product starts them, with directories of their own, on loopback. */
final class LocalBackends implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);

    private final List<Process> processes = new ArrayList<>();
    private final List<ZdbAddress> addresses = new ArrayList<>();

    LocalBackends(Path directory, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            start(Files.createDirectories(directory.resolve("b" + i)));
        }
        for (ZdbAddress address : addresses) {
            awaitAnswer(address);
        }
    }

    private void start(Path own) throws IOException {
        int port = freePort();
        addresses.add(new ZdbAddress("127.0.0.1", port));
        processes.add(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:MaxDirectMemorySize=64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ZdbMain.class.getName(),
                        "--data",
                        own.resolve("data").toString(),
                        "--index",
                        own.resolve("index").toString(),
                        "--listen",
                        "127.0.0.1",
                        "--port",
                        String.valueOf(port),
                        "--sync",
                        "always")
                .redirectErrorStream(true)
                .redirectOutput(own.resolve("log").toFile())
                .start());
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void awaitAnswer(ZdbAddress address) {
        long deadline = System.nanoTime() + START.toNanos();
        try (ZdbClient client = new ZdbClient(new ZdbEndpoint(address, "default"))) {
            while (true) {
                try {
                    client.ping();
                    return;
                } catch (ZdbException notYet) {
                    if (System.nanoTime() > deadline) {
                        throw notYet;
                    }
                    LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                }
            }
        }
    }

    /** All of them; the first {@code away} at an address where nobody listens. */
    List<BackendConfig> configs(int away) throws IOException {
        List<BackendConfig> configs = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            ZdbAddress address = i < away ? new ZdbAddress("127.0.0.1", freePort()) : addresses.get(i);
            configs.add(new BackendConfig(new BackendId("b" + i), "g", new ZdbEndpoint(address, "default")));
        }
        return configs;
    }

    /** Processor seconds that all of them have used. */
    double cpuSeconds() {
        return processes.stream()
                .mapToDouble(process ->
                        process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3)
                .sum();
    }

    @Override
    public void close() {
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
