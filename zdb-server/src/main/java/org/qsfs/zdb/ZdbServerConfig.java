package org.qsfs.zdb;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.DatabaseConfig;

/**
 * Settings of a server.
 *
 * @param tcp where to listen; null = nowhere. Port 0 = any free one
 * @param socket path of a unix socket; null = none. An existing file is replaced
 * @param adminPassword null = every connection is admin
 * @param protect the default namespace has the admin's password and is read only without it
 * @param hook program run on events; null = none
 * @param hookLimit a hook that takes longer is killed
 * @param sayDurable whether INFO has the line {@code sync: always}; only with {@link org.qsfs.zdb.engine.SyncMode#ALWAYS}
 * @param requestBytes memory for values on their way, of all connections together
 * @param cacheBytes memory for values that are read again and again, taken as they are; 0 = every GET reads from the files
 * @param connections how many clients may be connected
 * @param idle a client that sends nothing for so long is disconnected; zero = never
 * @param stuck a client that does not go on in the middle of a request or reply for so long is disconnected
 * @param metrics where to serve metrics over HTTP; null = nowhere
 * @param tls what TCP clients must use; null = plain TCP. A unix socket is always plain
 */
@SuppressWarnings("ArrayRecordComponent") // a password is bytes; records are not compared
public record ZdbServerConfig(
        DatabaseConfig database,
        @Nullable InetSocketAddress tcp,
        @Nullable Path socket,
        byte @Nullable [] adminPassword,
        boolean protect,
        @Nullable Path hook,
        Duration hookLimit,
        boolean sayDurable,
        long requestBytes,
        long cacheBytes,
        int connections,
        Duration idle,
        Duration stuck,
        @Nullable InetSocketAddress metrics,
        @Nullable TlsFiles tls) {
    /** PEM files: the certificate with its chain, the server's own first; its key, unencrypted PKCS#8. */
    public record TlsFiles(Path certificate, Path key) {}

    public ZdbServerConfig {
        if (tcp == null && socket == null) {
            throw new IllegalArgumentException("neither a TCP address nor a unix socket to listen at");
        }
        if (protect && adminPassword == null) {
            throw new IllegalArgumentException("--protect needs --admin PASSWORD");
        }
    }

    /** Writes are acknowledged when durable, INFO says so, 32 MiB for values, none kept, 1000 connections. */
    public static ZdbServerConfig of(DatabaseConfig database, @Nullable InetSocketAddress tcp, @Nullable Path socket) {
        return new ZdbServerConfig(
                database,
                tcp,
                socket,
                null,
                false,
                null,
                Duration.ofMinutes(10),
                true,
                32 << 20,
                0,
                1000,
                Duration.ofHours(24),
                Duration.ofSeconds(60),
                null,
                null);
    }

    /** Reads 0-db's flags and ours; {@link UsageException} tells what is wrong. */
    public static ZdbServerConfig parse(String[] args) {
        return new ZdbServerFlags().parse(args);
    }

    public ZdbServerConfig withAdminPassword(String password) {
        return new ZdbServerConfig(
                database,
                tcp,
                socket,
                password.getBytes(StandardCharsets.UTF_8),
                protect,
                hook,
                hookLimit,
                sayDurable,
                requestBytes,
                cacheBytes,
                connections,
                idle,
                stuck,
                metrics,
                tls);
    }

    /** TCP clients must use TLS. */
    public ZdbServerConfig withTls(TlsFiles files) {
        return new ZdbServerConfig(
                database,
                tcp,
                socket,
                adminPassword,
                protect,
                hook,
                hookLimit,
                sayDurable,
                requestBytes,
                cacheBytes,
                connections,
                idle,
                stuck,
                metrics,
                files);
    }
}
