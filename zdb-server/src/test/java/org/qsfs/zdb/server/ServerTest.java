package org.qsfs.zdb.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.ReadyHookException;
import org.qsfs.zdb.UsageException;
import org.qsfs.zdb.ZdbMain;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.conformance.RespClient;
import org.qsfs.zdb.engine.DatabaseConfig;

final class ServerTest {
    @TempDir
    Path dir;

    private ZdbServerConfig parse(String... more) {
        List<String> flags = new ArrayList<>(List.of(
                "--data",
                dir.resolve("data").toString(),
                "--index",
                dir.resolve("index").toString(),
                "--listen",
                "localhost",
                "--port",
                "0"));
        flags.addAll(List.of(more));
        return ZdbServerConfig.parse(flags.toArray(new String[0]));
    }

    private Path script(String name, String text) throws IOException {
        Path script = dir.resolve(name);
        Files.writeString(script, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("the condition did not come true").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void aServerSaysThatItAcknowledgesDurableWritesWhenToldTo() throws IOException {
        try (ZdbServer server = ZdbServer.start(parse("--sync", "always"));
                RespClient client = new RespClient(server.port())) {
            assertThat(client.call("INFO").text()).contains("\nsync: always\n", "server_name: 0-db (zdb)\n");
        }
        try (ZdbServer server = ZdbServer.start(parse("--sync", "never"));
                RespClient client = new RespClient(server.port())) {
            assertThat(client.call("INFO").text()).doesNotContain("sync: always");
        }
    }

    @Test
    void concurrentLargeValuesWaitForMemoryInsteadOfTakingMore() throws Exception {
        try (ZdbServer server = ZdbServer.start(parse("--request-memory", "16M"))) {
            List<Throwable> problems = Collections.synchronizedList(new ArrayList<>());
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int number = t;
                threads.add(Thread.ofPlatform().start(() -> {
                    byte[] value = new byte[4 << 20];
                    new Random(number).nextBytes(value);
                    byte[] key = ("key" + number).getBytes(StandardCharsets.US_ASCII);
                    try (RespClient client = new RespClient(server.port())) {
                        for (int i = 0; i < 3; i++) {
                            value[i] = (byte) i;
                            assertThat(client.call("SET".getBytes(StandardCharsets.US_ASCII), key, value)
                                            .bytes())
                                    .isEqualTo(key);
                            assertThat(client.call("GET".getBytes(StandardCharsets.US_ASCII), key)
                                            .bytes())
                                    .isEqualTo(value);
                        }
                    } catch (Throwable e) {
                        problems.add(e);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join(60_000);
            }
            assertThat(problems).isEmpty();
        }
    }

    /** More than have threads and buffers of their own, which go from one connection to the next. */
    @Test
    void manyConnectionsAreServedAtOnceAndOneAfterTheOther() throws IOException {
        try (ZdbServer server = ZdbServer.start(parse("--sync", "never"))) {
            for (int round = 0; round < 3; round++) {
                List<RespClient> clients = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    clients.add(new RespClient(server.port()));
                }
                for (int i = 0; i < clients.size(); i++) {
                    byte[] value = new byte[1 + (i * 997) % 100_000];
                    new Random(round * 1000 + i).nextBytes(value);
                    byte[] key = ("key" + i).getBytes(StandardCharsets.US_ASCII);
                    RespClient client = clients.get(i);
                    client.send(RespClient.request("SET".getBytes(StandardCharsets.US_ASCII), key, value));
                    client.send(RespClient.request("GET".getBytes(StandardCharsets.US_ASCII), key));
                    client.send(RespClient.request("WAIT".getBytes(StandardCharsets.US_ASCII), new byte[] {'*'}));
                    assertThat(client.receive().bytes()).isEqualTo(key);
                    assertThat(client.receive().bytes()).isEqualTo(value);
                }
                for (RespClient client : clients) {
                    client.close();
                }
            }
            try (RespClient client = new RespClient(server.port())) {
                assertThat(client.call("DBSIZE").number()).isEqualTo(100);
            }
        }
    }

    @Test
    void pipelinedWritesShareTheirSyncsAndAreAllAnswered() throws IOException {
        try (ZdbServer server = ZdbServer.start(parse("--sync", "always"));
                RespClient client = new RespClient(server.port())) {
            java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
            int count = 5000;
            for (int i = 0; i < count; i++) {
                all.writeBytes(RespClient.request(
                        "SET".getBytes(StandardCharsets.US_ASCII),
                        ("k" + i).getBytes(StandardCharsets.US_ASCII),
                        new byte[100]));
            }
            client.send(all.toByteArray());
            for (int i = 0; i < count; i++) {
                assertThat(client.receive().text()).isEqualTo("k" + i);
            }
            assertThat(client.call("DBSIZE").number()).isEqualTo(count);
        }
    }

    @Test
    void whoSendsTheBeginningOfARequestStillGetsTheReplyToTheOneBefore() throws IOException {
        byte[] value = new byte[300_000];
        new java.util.Random(1).nextBytes(value);
        byte[] request = RespClient.request(
                "SET".getBytes(StandardCharsets.US_ASCII), "key".getBytes(StandardCharsets.US_ASCII), value);
        try (ZdbServer server = ZdbServer.start(parse("--sync", "always"));
                RespClient client = new RespClient(server.port())) {
            // where the server's buffers end, and elsewhere
            for (int more : new int[] {1, 20, 8 << 10, 64 << 10, (64 << 10) + 1, 128 << 10, 200_000}) {
                client.send(request);
                client.send(Arrays.copyOf(request, more));
                assertThat(client.receive().text()).isEqualTo("key");
                client.send(Arrays.copyOfRange(request, more, request.length));
                // the same value once more
                assertThat(client.receive().kind()).isEqualTo("nil");
                assertThat(client.call("DEL", "key").text()).isEqualTo("OK");
            }
        }
    }

    @Test
    void aMissingDataFileIsRestoredByTheHook() throws IOException {
        Path hook = script(
                "hook", "if [ \"$1\" = missing-data ]; then mv \"$3.away\" \"$3\"; echo x >> " + dir + "/runs; fi\n");
        try (ZdbServer server = ZdbServer.start(parse("--hook", hook.toString()));
                RespClient client = new RespClient(server.port())) {
            client.call("SET", "k", "value");
            client.call("NSJUMP");
            Path file = dir.resolve("data/default/d0");
            Files.move(file, dir.resolve("data/default/d0.away"));
            assertThat(client.call("GET", "k").text()).isEqualTo("value");
            assertThat(client.call("GET", "k").text()).isEqualTo("value");
            assertThat(Files.readAllLines(dir.resolve("runs"))).hasSize(1);
        }
    }

    @Test
    void aSlowHookHoldsNobodyUpAndIsKilled() throws IOException {
        Path hook = script("hook", "if [ \"$1\" = jump-index ]; then exec sleep 100; fi\n");
        try (ZdbServer server = ZdbServer.start(parse("--hook", hook.toString(), "--hook-limit", "1"));
                RespClient client = new RespClient(server.port())) {
            client.call("SET", "k", "1");
            client.call("SET", "k", "2");
            assertThat(client.call("NSJUMP").text()).isEqualTo("OK");
            assertThat(client.call("GET", "k").text()).isEqualTo("2");
            // the hook failed, so the changed index file is still to be dealt with
            eventually(() -> {
                try {
                    return client.call("INDEX", "DIRTY").elements().size() == 1;
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    @Test
    void aFailingReadyHookEndsTheStart() throws IOException {
        Path hook = script("hook", "[ \"$1\" != ready ]\n");
        assertThatThrownBy(() -> ZdbServer.start(parse("--hook", hook.toString())))
                .isInstanceOf(ReadyHookException.class);
    }

    @Test
    void aStopRunsTheClosingHooksWhenFilesAreComplete() throws IOException {
        Path hook = script("hook", "echo \"$1 $3\" >> " + dir + "/events\n");
        try (ZdbServer server = ZdbServer.start(parse("--hook", hook.toString()));
                RespClient client = new RespClient(server.port())) {
            client.call("SET", "k", "1");
        }
        assertThat(Files.readAllLines(dir.resolve("events")))
                .containsExactly(
                        "namespaces-init " + dir.resolve("index"), "ready ", "close ", "namespace-closing default");
    }

    @Test
    void aUnixSocketIsServed() throws IOException {
        Path socket = dir.resolve("sock");
        try (ZdbServer server = ZdbServer.start(
                        ZdbServerConfig.of(DatabaseConfig.of(dir.resolve("d"), dir.resolve("i")), null, socket));
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertThat(server.database().names()).containsExactly("default");
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap("*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer reply = ByteBuffer.allocate(7);
            while (reply.hasRemaining() && channel.read(reply) >= 0) {
                // until it is complete
            }
            assertThat(new String(reply.array(), StandardCharsets.US_ASCII)).isEqualTo("+PONG\r\n");
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void metricsAreServed() throws Exception {
        try (ZdbServer server = ZdbServer.start(parse("--metrics", "localhost:0"));
                RespClient client = new RespClient(server.port());
                HttpClient http = HttpClient.newHttpClient()) {
            client.call("SET", "k", "value");
            URI uri = URI.create("http://localhost:" + server.metricsAddress().getPort() + "/metrics");
            String text = http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            assertThat(text)
                    .contains(
                            "zdb_commands_total 1\n",
                            "zdb_namespace_entries{namespace=\"default\"} 1\n",
                            "zdb_namespace_data_bytes{namespace=\"default\"} 5\n");
        }
    }

    @Test
    void twoServersCannotShareDirectories() throws IOException {
        try (ZdbServer server = ZdbServer.start(parse())) {
            assertThat(server.port()).isPositive();
            assertThatThrownBy(() -> ZdbServer.start(parse())).hasMessageContaining("in use by another zdb");
        }
    }

    @Test
    void aStopWhileClientsComeInEndsAllOfThem() throws Exception {
        for (int round = 0; round < 60; round++) {
            ZdbServer server = ZdbServer.start(parse());
            AtomicBoolean stopped = new AtomicBoolean();
            CountDownLatch connected = new CountDownLatch(round % 8);
            Thread clients = Thread.ofPlatform().start(() -> {
                while (!stopped.get()) {
                    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                        socket.setTcpNoDelay(true);
                        connected.countDown();
                    } catch (IOException e) {
                        // nobody listens any more
                        return;
                    }
                }
            });
            assertThat(connected.await(20, TimeUnit.SECONDS)).isTrue();
            server.close();
            stopped.set(true);
            assertThat(clients.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test
    void tooManyAndIdleConnectionsAreClosed() throws IOException {
        try (ZdbServer server = ZdbServer.start(parse("--connections", "1", "--idle", "1"));
                RespClient first = new RespClient(server.port())) {
            assertThat(first.call("PING").text()).isEqualTo("PONG");
            try (RespClient second = new RespClient(server.port())) {
                assertThat(second.receive().text()).isEqualTo("Too many connections");
                assertThat(second.receive().kind()).isEqualTo("closed");
            }
            assertThat(first.receive().kind()).isEqualTo("closed");
        }
    }

    @Test
    void theIndexIsPrintedInsteadOfServedWhenAskedFor() throws Exception {
        try (ZdbServer server = ZdbServer.start(parse());
                RespClient client = new RespClient(server.port())) {
            client.call("SET", "hello", "value");
        }
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        String[] flags = {
            "--data",
            dir.resolve("data").toString(),
            "--index",
            dir.resolve("index").toString(),
            "--dump"
        };
        assertThat(ZdbMain.run(flags, new java.io.PrintStream(out), System.err)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("default i0 user", "'hello'");
    }

    @Test
    void flagsAreThoseOfZdb() {
        assertThat(parse("--datasize", "512k").database().dataSize()).isEqualTo(512 << 10);
        assertThat(parse("-datasize", "1.5M").database().dataSize()).isEqualTo(3 << 19);
        assertThat(parse("--sync", "--rotate", "5").database().rotateSeconds()).isEqualTo(5);
        assertThat(parse("--synctime", "7").database().syncInterval()).isEqualTo(Duration.ofSeconds(7));
        assertThat(parse().tcp()).isEqualTo(new InetSocketAddress("localhost", 0));
        assertThatThrownBy(() -> parse("--datasize", "512K")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> parse("--datasize", "1k")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> parse("--protect")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> parse("--nonsense")).isInstanceOf(UsageException.class);
    }
}
