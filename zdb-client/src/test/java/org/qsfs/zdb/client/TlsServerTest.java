package org.qsfs.zdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.ZdbServerConfig.TlsFiles;
import org.qsfs.zdb.engine.DatabaseConfig;

/** The contract with our own server over TLS, and what goes wrong there. */
class TlsServerTest extends ZdbClientContract {
    private static final ZdbTimeouts SHORT = new ZdbTimeouts(Duration.ofMillis(500), Duration.ofSeconds(1));

    @TempDir
    static Path certificates;

    private static TestAuthority authority;
    private static TestAuthority stranger;
    private static TestAuthority elsewhere;

    @TempDir
    Path directory;

    private ZdbServer server;

    @BeforeAll
    static void certify() throws IOException, InterruptedException, GeneralSecurityException {
        authority = TestAuthority.make(certificates.resolve("own"), "ip:127.0.0.1,dns:localhost");
        stranger = TestAuthority.make(certificates.resolve("stranger"), "ip:127.0.0.1");
        elsewhere = TestAuthority.make(certificates.resolve("elsewhere"), "dns:zdb.example");
    }

    @BeforeEach
    void start() throws IOException {
        server = start(directory.resolve("own"), authority);
    }

    private static ZdbServer start(Path directory, TestAuthority with) throws IOException {
        return ZdbServer.start(ZdbServerConfig.of(
                        DatabaseConfig.of(directory.resolve("data"), directory.resolve("index")),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        null)
                .withAdminPassword("boss")
                .withTls(new TlsFiles(with.certificate(), with.key())));
    }

    @Override
    void stop() throws IOException {
        server.close();
    }

    @Override
    ZdbAddress address() {
        try {
            return new ZdbAddress("127.0.0.1", server.port());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    String adminPassword() {
        return "boss";
    }

    @Override
    ZdbTls tls() {
        return new ZdbTls(authority.certificate());
    }

    private static ZdbClient client(ZdbAddress address, ZdbTls tls) {
        return new ZdbClient(new ZdbEndpoint(address, "default", null, null, tls), SHORT, 1);
    }

    @Test
    @DisplayName("a server whose certificate another authority signed is refused")
    void wrongAuthority() {
        try (ZdbClient client = client(address(), new ZdbTls(stranger.certificate()))) {
            assertThatThrownBy(client::ping)
                    .isInstanceOf(ZdbException.Unreachable.class)
                    .hasMessageContaining("TLS:");
        }
        try (ZdbClient client = client(address(), new ZdbTls(null))) {
            assertThatThrownBy(client::ping).isInstanceOf(ZdbException.Unreachable.class);
        }
    }

    @Test
    @DisplayName("a server whose certificate is for another host is refused")
    void wrongHost() throws IOException {
        try (ZdbServer other = start(directory.resolve("other"), elsewhere);
                ZdbClient client =
                        client(new ZdbAddress("127.0.0.1", other.port()), new ZdbTls(elsewhere.certificate()))) {
            assertThatThrownBy(client::ping)
                    .isInstanceOf(ZdbException.Unreachable.class)
                    .hasMessageContaining("127.0.0.1");
        }
    }

    @Test
    @DisplayName("a file of authorities that is missing or empty is named")
    void wrongFile() throws IOException {
        Path missing = directory.resolve("missing.pem");
        try (ZdbClient client = client(address(), new ZdbTls(missing))) {
            assertThatThrownBy(client::ping)
                    .isInstanceOf(ZdbException.Unreachable.class)
                    .hasMessageContaining(missing + " does not exist");
        }
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");
        try (ZdbClient client = client(address(), new ZdbTls(empty))) {
            assertThatThrownBy(client::ping)
                    .isInstanceOf(ZdbException.Unreachable.class)
                    .hasMessageContaining("holds no certificate");
        }
    }

    @Test
    @DisplayName("a plain client gets an error from a server with TLS, and others are served")
    void plainClient() {
        try (ZdbClient plain = new ZdbClient(new ZdbEndpoint(address(), "default"), SHORT, 1)) {
            assertThatThrownBy(plain::ping).isInstanceOf(ZdbException.class);
        }
        user().ping();
    }

    @Test
    @DisplayName("a client with TLS gets an error from a plain server")
    void plainServer() throws IOException {
        try (ZdbServer plain = ZdbServer.start(ZdbServerConfig.of(
                        DatabaseConfig.of(directory.resolve("pd"), directory.resolve("pi")),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        null));
                ZdbClient client = client(new ZdbAddress("127.0.0.1", plain.port()), tls())) {
            assertThatThrownBy(client::ping).isInstanceOf(ZdbException.Unreachable.class);
        }
    }

    @Test
    @DisplayName("a server that never answers the handshake costs no more than the deadline")
    void deadline() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                ZdbClient client = client(new ZdbAddress("127.0.0.1", silent.getLocalPort()), tls())) {
            long start = System.nanoTime();
            assertThatThrownBy(client::ping)
                    .isInstanceOfAny(ZdbException.Timeout.class, ZdbException.Unreachable.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(400), Duration.ofSeconds(10));
        }
    }

    @Test
    @DisplayName("a certificate and a key that cannot be used end the start with their names")
    void wrongServerFiles() throws IOException {
        Path garbage = Files.writeString(directory.resolve("garbage.pem"), "garbage");
        TlsFiles noKey = new TlsFiles(authority.certificate(), garbage);
        assertThatThrownBy(() -> ZdbServer.start(ZdbServerConfig.of(
                                DatabaseConfig.of(directory.resolve("x"), directory.resolve("y")),
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                null)
                        .withTls(noKey)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(garbage.toString())
                .hasMessageContaining("PKCS#8");
        TlsFiles noCertificate = new TlsFiles(garbage, authority.key());
        assertThatThrownBy(() -> ZdbServer.start(ZdbServerConfig.of(
                                DatabaseConfig.of(directory.resolve("x"), directory.resolve("y")),
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                null)
                        .withTls(noCertificate)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(garbage.toString());
    }
}
