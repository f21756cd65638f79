package org.qsfs.metadata.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/**
 * Real etcd processes on free ports of the loopback interface, with their data in a given directory. Not thread-safe.
 */
public final class EtcdCluster implements AutoCloseable {

    private static final Path BINARY = Path.of("/usr/bin/etcd");

    private final List<Member> members = new ArrayList<>();
    private final Path directory;
    private final List<String> extraFlags;
    private final String scheme;

    private EtcdCluster(Path directory, int size, String scheme, List<String> extraFlags) {
        this.directory = directory;
        this.extraFlags = extraFlags;
        this.scheme = scheme;
        List<Integer> ports = freePorts(2 * size);
        for (int i = 0; i < size; i++) {
            members.add(new Member("m" + i, ports.get(2 * i), ports.get(2 * i + 1)));
        }
    }

    /** Starts a cluster and returns when every member is healthy. Skips the test where etcd is not installed. */
    public static EtcdCluster start(Path directory, int size) {
        return start(directory, size, "http", List.of());
    }

    /** With further flags for each member; {@code https} when they contain certificates. */
    static EtcdCluster start(Path directory, int size, String scheme, List<String> extraFlags) {
        Assumptions.assumeTrue(Files.isExecutable(BINARY), "no " + BINARY + "; install etcd-server");
        EtcdCluster cluster = new EtcdCluster(directory, size, scheme, extraFlags);
        boolean done = false;
        try {
            cluster.members.forEach(cluster::launch);
            cluster.awaitHealthy();
            done = true;
            return cluster;
        } finally {
            if (!done) {
                cluster.close();
            }
        }
    }

    /** {@code http://127.0.0.1:port} of each member. */
    public List<String> endpoints() {
        return members.stream()
                .map(m -> scheme + "://127.0.0.1:" + m.clientPort)
                .toList();
    }

    /** SIGKILL. */
    public void kill(int member) {
        Member killed = members.get(member);
        killed.process.destroyForcibly();
        awaitExit(killed);
    }

    /** Starts a killed member again, on its old data; returns at once. */
    public void restart(int member) {
        launch(members.get(member));
    }

    /** SIGSTOP: the member keeps its connections and says nothing. */
    public void suspend(int member) {
        signal(member, "STOP");
    }

    public void resume(int member) {
        signal(member, "CONT");
    }

    /** Brings back whatever a test that failed left dead or hanging. */
    public void heal() {
        for (int i = 0; i < members.size(); i++) {
            resume(i);
            if (!members.get(i).process.isAlive()) {
                restart(i);
            }
        }
        awaitHealthy();
    }

    /** Returns when every member that runs answers that the cluster is healthy. */
    public void awaitHealthy() {
        if (scheme.equals("https")) {
            return; // a healthy answer would need the client's side of TLS; the client under test waits itself
        }
        try (HttpClient http = HttpClient.newHttpClient()) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            for (Member member : members) {
                while (!isHealthy(http, member)) {
                    if (System.nanoTime() - deadline > 0 || !member.process.isAlive()) {
                        throw new IllegalStateException("etcd did not become healthy:\n" + tail(member));
                    }
                    pause();
                }
            }
        }
    }

    private static boolean isHealthy(HttpClient http, Member member) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + member.clientPort + "/health"))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .contains("\"true\"");
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private void launch(Member member) {
        List<String> command = new ArrayList<>(List.of(
                BINARY.toString(),
                "--name=" + member.name,
                "--data-dir=" + directory.resolve(member.name),
                "--listen-client-urls=" + scheme + "://127.0.0.1:" + member.clientPort,
                "--advertise-client-urls=" + scheme + "://127.0.0.1:" + member.clientPort,
                "--listen-peer-urls=http://127.0.0.1:" + member.peerPort,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + member.peerPort,
                "--initial-cluster-token=" + directory.getFileName(),
                "--initial-cluster="
                        + members.stream()
                                .map(m -> m.name + "=http://127.0.0.1:" + m.peerPort)
                                .collect(Collectors.joining(",")),
                "--heartbeat-interval=50",
                "--election-timeout=500",
                "--logger=zap",
                "--log-level=warn"));
        command.addAll(extraFlags);
        try {
            member.log = directory.resolve(member.name + ".log");
            member.process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(member.log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void signal(int member, String signal) {
        try {
            new ProcessBuilder(
                            "kill",
                            "-" + signal,
                            Long.toString(members.get(member).process.pid()))
                    .start()
                    .waitFor(5, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static void awaitExit(Member member) {
        try {
            if (!member.process.waitFor(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("etcd " + member.process.pid() + " did not end");
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static String tail(Member member) {
        try {
            List<String> lines = Files.readAllLines(member.log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static List<Integer> freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            List<Integer> ports =
                    sockets.stream().map(ServerSocket::getLocalPort).toList();
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException(e);
    }

    /** Ends every process. */
    @Override
    public void close() {
        for (Member member : members) {
            if (member.process != null) {
                member.process.destroyForcibly();
                awaitExit(member);
            }
        }
    }

    private static final class Member {
        private final String name;
        private final int clientPort;
        private final int peerPort;
        private Process process;
        private Path log;

        private Member(String name, int clientPort, int peerPort) {
            this.name = name;
            this.clientPort = clientPort;
            this.peerPort = peerPort;
        }
    }
}
