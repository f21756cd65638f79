package org.qsfs.zdb.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client does when the server, or the network, misbehaves. */
@Timeout(30)
class ZdbClientFailureTest {

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private static final ZdbTimeouts SHORT = new ZdbTimeouts(Duration.ofSeconds(3), Duration.ofMillis(500));

    private static ZdbClient client(FakeZdb server) {
        return new ZdbClient(new ZdbEndpoint(server.address(), "space"), SHORT, 2);
    }

    private static ZdbClient client(FakeZdb server, String password) {
        return new ZdbClient(new ZdbEndpoint(server.address(), "space", password, null), SHORT, 2);
    }

    @Test
    void nobodyListens() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (ZdbClient client = new ZdbClient(new ZdbEndpoint(new ZdbAddress("127.0.0.1", port), "space"))) {
            assertThatThrownBy(client::ping)
                    .isInstanceOf(ZdbException.Unreachable.class)
                    .hasMessageContaining("127.0.0.1:" + port + "/space")
                    .hasMessageContaining("refused");
        }
    }

    @Test
    void unknownName() {
        ZdbAddress address = new ZdbAddress("no-such-host.invalid", 9900);
        try (ZdbClient client = new ZdbClient(new ZdbEndpoint(address, "space"))) {
            assertThatThrownBy(client::ping)
                    .isInstanceOf(ZdbException.Unreachable.class)
                    .hasMessageContaining("no-such-host.invalid");
        }
    }

    @Test
    void resolvesNames() {
        try (FakeZdb server = new FakeZdb(FakeZdb.POLITE);
                ZdbClient client = new ZdbClient(new ZdbEndpoint(
                        new ZdbAddress("localhost", server.address().port()), "space"))) {
            client.ping();
        }
    }

    @Test
    @DisplayName("a server that accepts and never answers costs the connect timeout, not more")
    void silentFromTheStart() {
        ZdbTimeouts impatient = new ZdbTimeouts(Duration.ofMillis(300), Duration.ofSeconds(10));
        try (FakeZdb server = new FakeZdb((request, out) -> {});
                ZdbClient client = new ZdbClient(new ZdbEndpoint(server.address(), "space"), impatient, 1)) {
            assertEndsInTime(ZdbException.Timeout.class, client::ping, 300);
        }
    }

    @Test
    void silentAfterSelect() {
        try (FakeZdb server = FakeZdb.answering("GET", "");
                ZdbClient client = client(server)) {
            assertEndsInTime(ZdbException.Timeout.class, () -> client.get(KEY), 500);
        }
    }

    @Test
    void oneByteAtATime() {
        CountDownLatch never = new CountDownLatch(1);
        try (FakeZdb server = new FakeZdb((request, out) -> {
                    if (!request.getFirst().equals("GET")) {
                        FakeZdb.POLITE.answer(request, out);
                        return;
                    }
                    FakeZdb.send(out, "$1000000\r\n");
                    while (!never.await(50, TimeUnit.MILLISECONDS)) {
                        FakeZdb.send(out, "x");
                    }
                });
                ZdbClient client = client(server)) {
            assertEndsInTime(ZdbException.Timeout.class, () -> client.get(KEY), 500);
            never.countDown();
        }
    }

    @Test
    @DisplayName("a server that stops reading in the middle of a large value does not hang the writer")
    void doesNotRead() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress());
                ZdbClient client = new ZdbClient(
                        new ZdbEndpoint(new ZdbAddress("127.0.0.1", listener.getLocalPort()), "space"), SHORT, 1)) {
            Thread.ofVirtual().start(() -> {
                try {
                    var socket = listener.accept();
                    socket.getInputStream().readNBytes(10);
                    FakeZdb.send(socket.getOutputStream(), "+OK\r\n");
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertEndsInTime(
                    ZdbException.Timeout.class, () -> client.set(KEY, new byte[ZdbClient.MAX_VALUE_BYTES]), 500);
        }
    }

    @Test
    void allConnectionsBusy() throws Exception {
        try (FakeZdb server = FakeZdb.answering("GET", "");
                ZdbClient client = client(server)) {
            List<FutureTask<Throwable>> calls = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                FutureTask<Throwable> call = new FutureTask<>(() -> catchThrowable(() -> client.get(KEY)));
                calls.add(call);
                Thread.ofVirtual().start(call);
            }
            for (FutureTask<Throwable> call : calls) {
                assertThat(call.get(2, TimeUnit.SECONDS)).isInstanceOf(ZdbException.Timeout.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 400 Bad Request\r\n\r\n",
                "$9999999999\r\n",
                "$8392705\r\n",
                "$-2\r\n",
                "$\r\n",
                "$12x\r\n",
                "$3\r\nabcde",
                ":5\r\n",
                "+OK\r\n",
                "*999999999\r\n",
                "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
                "*-1\r\n",
                "$1\r\nx\r\n$1\r\ny\r\n",
                "\0\0\0\0",
                ">1\r\n+push\r\n"
            })
    void nonsense(String reply) {
        try (FakeZdb server = FakeZdb.answering("GET", reply);
                ZdbClient client = client(server)) {
            assertThatThrownBy(() -> client.get(KEY))
                    .isInstanceOf(ZdbException.Protocol.class)
                    .hasMessageContaining(server.address() + "/space: GET");
            server.follow(FakeZdb.POLITE);
            assertThat(client.get(KEY)).as("a new connection is sane").isEmpty();
        }
    }

    @Test
    void endlessLine() {
        try (FakeZdb server = FakeZdb.answering("GET", "+" + "x".repeat(100_000));
                ZdbClient client = client(server)) {
            assertThatThrownBy(() -> client.get(KEY))
                    .isInstanceOf(ZdbException.Protocol.class)
                    .hasMessageContaining("line");
        }
    }

    @Test
    @DisplayName("an array of values, each allowed, is cut off when all together are too much")
    void tooMuchInAll() {
        try (FakeZdb server = new FakeZdb((request, out) -> {
                    if (!request.getFirst().equals("SCAN")) {
                        FakeZdb.POLITE.answer(request, out);
                        return;
                    }
                    FakeZdb.send(out, "*1000\r\n");
                    for (int i = 0; i < 1000; i++) {
                        FakeZdb.send(out, "$8000000\r\n");
                        out.write(new byte[8_000_000]);
                        FakeZdb.send(out, "\r\n");
                    }
                });
                ZdbClient client = new ZdbClient(new ZdbEndpoint(server.address(), "space"))) {
            assertThatThrownBy(() -> client.scan(entry -> {})).isInstanceOf(ZdbException.Protocol.class);
        }
    }

    @Test
    @DisplayName("a connection on which the server speaks unasked is not used again")
    void lateSurplus() throws InterruptedException {
        CountDownLatch go = new CountDownLatch(1);
        try (FakeZdb server = new FakeZdb((request, out) -> {
                    FakeZdb.POLITE.answer(request, out);
                    assertThat(go.await(5, TimeUnit.SECONDS)).isTrue();
                    FakeZdb.send(out, "$5\r\nwrong\r\n");
                });
                Watchdog watchdog = new Watchdog("test");
                Wire wire = new Dialer(server.address(), null, watchdog).dial(System.nanoTime() + 5_000_000_000L)) {
            wire.call(Command.PING);
            assertThat(wire.fit()).isTrue();
            go.countDown();
            await(() -> !wire.fit());
        }
    }

    @Test
    @DisplayName("W15: after the server restarted every connection selects its namespace before anything else")
    void reconnectSelects() {
        try (FakeZdb server = new FakeZdb(FakeZdb.POLITE);
                ZdbClient client = client(server)) {
            client.set(KEY, KEY);
            server.hangUp();
            await(() -> server.openConnections() == 0);
            client.set(KEY, KEY);
            assertThat(server.requests()).extracting(List::getFirst).containsExactly("SELECT", "SET", "SELECT", "SET");
        }
    }

    @Test
    @DisplayName("W15: a connection that breaks between two requests of a batch is not reopened in its middle")
    void breaksInsideBatch() {
        try (FakeZdb server = new FakeZdb((request, out) -> {
                    if (request.getFirst().equals("SET")) {
                        throw new IOException("hang up");
                    }
                    FakeZdb.POLITE.answer(request, out);
                });
                ZdbClient client = client(server)) {
            List<ZdbEntry> batch = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                batch.add(new ZdbEntry(("k" + i).getBytes(UTF_8), new byte[20_000]));
            }
            assertThatThrownBy(() -> client.setAll(batch)).isInstanceOf(ZdbException.Unreachable.class);
            assertThat(server.requests()).extracting(List::getFirst).containsExactly("SELECT", "SET");
        }
    }

    @Test
    @DisplayName("W10: a server that stalls in a pipeline until more bytes arrive is nudged")
    void stalledPipeline() {
        List<String> held = new ArrayList<>();
        try (FakeZdb server = new FakeZdb((request, out) -> {
                    if (request.getFirst().equals("SET") && request.get(1).compareTo("k5") > 0) {
                        held.add(FakeZdb.bulk(request.get(1)));
                        return;
                    }
                    for (String reply : held) {
                        FakeZdb.send(out, reply);
                    }
                    held.clear();
                    FakeZdb.POLITE.answer(request, out);
                });
                ZdbClient client = new ZdbClient(new ZdbEndpoint(server.address(), "space"))) {
            List<ZdbEntry> batch = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                batch.add(new ZdbEntry(("k" + i).getBytes(UTF_8), KEY));
            }
            assertThat(client.setAll(batch)).hasSize(10);
            assertThat(client.get(KEY)).as("the connection is in step").isEmpty();
            assertThat(server.requests())
                    .extracting(List::getFirst)
                    .contains("PING")
                    .containsOnlyOnce("SELECT");
        }
    }

    @Test
    void closedInsideAValue() {
        try (FakeZdb server = new FakeZdb((request, out) -> {
                    if (request.getFirst().equals("GET")) {
                        FakeZdb.send(out, "$100\r\nabc");
                        throw new IOException("hang up");
                    }
                    FakeZdb.POLITE.answer(request, out);
                });
                ZdbClient client = client(server)) {
            assertThatThrownBy(() -> client.get(KEY)).isInstanceOf(ZdbException.Unreachable.class);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            No space left on this namespace                                    | NoSpace
            Namespace is temporarily locked (read-only)                        | Locked
            Namespace is temporarily frozen (read-write disabled)              | Frozen
            Namespace is in read-only mode                                     | ReadOnly
            Your active namespace is not available anymore (probably removed). | NamespaceMissing
            Permission denied                                                  | Denied
            Internal Error                                                     | Unreadable
            Namespace is protected by worm mode                                | Rejected
            Cannot write data right now                                        | Rejected
            """)
    void refusals(String text, String type) {
        try (FakeZdb server = FakeZdb.answering("SET", "-" + text + "\r\n");
                ZdbClient client = client(server)) {
            assertThatThrownBy(() -> client.set(KEY, KEY))
                    .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(type))
                    .hasMessageContaining(server.address() + "/space: SET")
                    .hasMessageContaining(text);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Namespace not found             | NamespaceMissing
            Access denied                   | Denied
            Namespace protected and private | Denied
            """)
    void refusedSelect(String text, String type) {
        try (FakeZdb server = FakeZdb.answering("SELECT", "-" + text + "\r\n");
                ZdbClient client = client(server)) {
            assertThatThrownBy(() -> client.get(KEY))
                    .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(type))
                    .hasMessageContaining(text);
            assertThat(server.requests()).extracting(List::getFirst).containsExactly("SELECT");
        }
    }

    @Test
    @DisplayName("a refused write leaves the connection in use")
    void refusalKeepsConnection() {
        try (FakeZdb server = FakeZdb.answering("SET", "-No space left on this namespace\r\n");
                ZdbClient client = client(server)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> client.set(KEY, KEY)).isInstanceOf(ZdbException.NoSpace.class);
            }
            assertThat(server.requests()).extracting(List::getFirst).containsExactly("SELECT", "SET", "SET", "SET");
        }
    }

    @Test
    void passwordIsHashedWithTheNonce() {
        try (FakeZdb server = FakeZdb.answering("AUTH", "+0123456789abcdef\r\n");
                ZdbClient client = client(server, "secret")) {
            client.ping();
            // sha1("0123456789abcdef:secret")
            assertThat(server.requests())
                    .contains(List.of("SELECT", "space", "SECURE", "5d068867c74ee749da2970433fb5ebd8f17d3016"))
                    .noneMatch(request -> request.contains("secret"));
        }
    }

    @Test
    void plainPasswordOnlyWithoutChallenge() {
        try (FakeZdb server = new FakeZdb(FakeZdb.POLITE);
                ZdbClient client = client(server, "secret")) {
            client.ping();
            assertThat(server.requests()).contains(List.of("SELECT", "space", "secret"));
        }
    }

    @Test
    void passwordsAreNotShown() {
        ZdbEndpoint endpoint = new ZdbEndpoint(ZdbAddress.parse("[::1]:9900"), "space", "hush", "boss");
        assertThat(endpoint.toString()).isEqualTo("[::1]:9900/space");
        try (FakeZdb server = FakeZdb.answering("SELECT", "-Access denied\r\n");
                ZdbClient client = client(server, "hush")) {
            assertThatThrownBy(client::ping).message().doesNotContain("hush");
        }
    }

    @Test
    void interruptEndsTheCall() throws Exception {
        try (FakeZdb server = FakeZdb.answering("GET", "");
                ZdbClient client = new ZdbClient(new ZdbEndpoint(server.address(), "space"))) {
            FutureTask<Throwable> call = new FutureTask<>(() -> catchThrowable(() -> client.get(KEY)));
            Thread thread = Thread.ofPlatform().start(call);
            await(() -> server.requests().size() == 2);
            thread.interrupt();
            assertThat(call.get(2, TimeUnit.SECONDS)).isInstanceOf(ZdbException.Cancelled.class);
        }
    }

    @Test
    void closeEndsCalls() throws Exception {
        try (FakeZdb server = FakeZdb.answering("GET", "")) {
            ZdbClient client = new ZdbClient(new ZdbEndpoint(server.address(), "space"));
            FutureTask<Throwable> call = new FutureTask<>(() -> catchThrowable(() -> client.get(KEY)));
            Thread.ofVirtual().start(call);
            await(() -> server.requests().size() == 2);
            client.close();
            assertThat(call.get(2, TimeUnit.SECONDS))
                    .isInstanceOf(ZdbException.Unreachable.class)
                    .hasMessageContaining("closed");
            await(() -> server.openConnections() == 0);
            assertThatThrownBy(client::ping).isInstanceOf(ZdbException.Unreachable.class);
        }
    }

    @Test
    @Timeout(20)
    void callsAfterCloseEndAlthoughTheServerIsSilent() {
        try (FakeZdb server = new FakeZdb((request, out) -> {})) {
            ZdbClient client = new ZdbClient(new ZdbEndpoint(server.address(), "space"));
            client.close();
            assertThatThrownBy(client::ping)
                    .isInstanceOf(ZdbException.Unreachable.class)
                    .hasMessageContaining("the client was closed");
        }
    }

    @Test
    void sillyArguments() {
        try (FakeZdb server = new FakeZdb(FakeZdb.POLITE);
                ZdbClient client = client(server)) {
            assertThatThrownBy(() -> client.get(new byte[0])).hasMessageContaining("0 bytes");
            assertThatThrownBy(() -> client.get(new byte[256])).hasMessageContaining("256 bytes");
            assertThatThrownBy(() -> client.set(KEY, new byte[ZdbClient.MAX_VALUE_BYTES + 1]))
                    .hasMessageContaining("8388609 bytes");
            assertThat(server.requests()).isEmpty();
        }
    }

    static void await(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 5 s").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** Not before {@code millis} and not much later. */
    private static void assertEndsInTime(
            Class<? extends ZdbException> type,
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call,
            long millis) {
        long start = System.nanoTime();
        assertThatThrownBy(call).isInstanceOf(type);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(millis - 5), Duration.ofMillis(millis + 1500));
    }
}
