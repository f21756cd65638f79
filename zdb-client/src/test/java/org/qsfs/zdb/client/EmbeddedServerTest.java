package org.qsfs.zdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.engine.DatabaseConfig;

/** The contract with our own server, and what needs a hand on the server itself. */
class EmbeddedServerTest extends ZdbClientContract {

    @TempDir
    Path directory;

    private ZdbServer server;
    private int port;

    @BeforeEach
    void start() throws IOException {
        server = ZdbServer.start(ZdbServerConfig.of(
                        DatabaseConfig.of(directory.resolve("data"), directory.resolve("index")),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        null)
                .withAdminPassword("boss"));
        port = server.port();
    }

    @Override
    void stop() throws IOException {
        server.close();
    }

    @Override
    ZdbAddress address() {
        return new ZdbAddress("127.0.0.1", port);
    }

    @Override
    @Nullable
    String adminPassword() {
        return "boss";
    }

    @Test
    void tellsThatItSyncs() {
        assertThat(user().serverInfo().acknowledgesAfterSync()).isTrue();
    }

    @Test
    @DisplayName("W15: writes after a restart of the server are where they belong")
    void restart() throws IOException {
        ZdbClient client = user();
        client.set(bytes("before"), bytes("1"));
        server.close();
        assertThatThrownBy(() -> client.set(bytes("between"), bytes("2"))).isInstanceOf(ZdbException.Unreachable.class);
        start();
        client.set(bytes("after"), bytes("3"));
        assertThat(client.get(bytes("before"))).hasValue(bytes("1"));
        assertThat(client.get(bytes("after"))).hasValue(bytes("3"));
        try (ZdbClient other = new ZdbClient(new ZdbEndpoint(address(), "default"))) {
            assertThat(other.info().entries()).isZero();
        }
    }

    @Test
    @DisplayName("a rotten value is an error, never bytes")
    void rotten() throws IOException {
        ZdbClient client = user();
        client.set(bytes("key"), bytes("a value to be found"));
        try (Stream<Path> files =
                Files.walk(directory.resolve("data").resolve(client.endpoint().namespace()))) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("d"))
                    .filter(Files::isRegularFile)
                    .toList()) {
                byte[] content = Files.readAllBytes(file);
                content[content.length - 3] ^= 1;
                Files.write(file, content);
            }
        }
        assertThatThrownBy(() -> client.get(bytes("key"))).isInstanceOf(ZdbException.Unreadable.class);
        assertThat(client.check(bytes("key"))).isEqualTo(CheckResult.CORRUPT);
        client.ping();
    }

    @Test
    void defaultNamespaceIsAlwaysThere() {
        try (ZdbClient client = new ZdbClient(new ZdbEndpoint(address(), "default", null, "boss"))) {
            assertThat(client.createNamespace(NamespaceSettings.open(NamespaceMode.USER)))
                    .isFalse();
            client.set(bytes("a"), bytes("1"));
            assertThatThrownBy(client::deleteNamespace).isInstanceOf(ZdbException.Rejected.class);
        }
        try (ZdbClient stranger = new ZdbClient(new ZdbEndpoint(address(), "default"))) {
            assertThatThrownBy(() -> stranger.createNamespace(NamespaceSettings.open(NamespaceMode.USER)))
                    .isInstanceOf(ZdbException.Denied.class);
        }
    }

    @Test
    void wrongAdminPassword() {
        try (ZdbClient client = new ZdbClient(new ZdbEndpoint(address(), "new", null, "wrong"))) {
            assertThatThrownBy(() -> client.createNamespace(NamespaceSettings.open(NamespaceMode.USER)))
                    .isInstanceOf(ZdbException.Denied.class);
        }
        try (ZdbClient client = new ZdbClient(new ZdbEndpoint(address(), "new"))) {
            assertThatThrownBy(() -> client.createNamespace(NamespaceSettings.open(NamespaceMode.USER)))
                    .isInstanceOf(ZdbException.Denied.class);
        }
    }
}
