package org.qsfs.metadata.zdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.client.ZdbTimeouts;
import org.qsfs.zdb.engine.DatabaseConfig;

/** zdb servers on loopback ports that stay the same over restarts. */
final class ZdbCluster implements AutoCloseable {
    private final Path directory;
    private final List<@Nullable ZdbServer> servers = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final List<Integer> lives = new ArrayList<>();

    ZdbCluster(Path directory, int size) {
        this.directory = directory;
        for (int i = 0; i < size; i++) {
            servers.add(null);
            lives.add(0);
            ports.add(0);
            start(i);
        }
    }

    ZdbCatalogConfig config(String scope) {
        List<ZdbEndpoint> endpoints = new ArrayList<>();
        for (int port : ports) {
            endpoints.add(new ZdbEndpoint(new ZdbAddress("127.0.0.1", port), "default"));
        }
        return ZdbCatalogConfig.of(endpoints, scope)
                .withTimeouts(new ZdbTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(5)));
    }

    void start(int server) {
        try {
            Path own = Files.createDirectories(directory.resolve("zdb" + server + "-" + lives.get(server)));
            ZdbServer started = ZdbServer.start(ZdbServerConfig.of(
                    DatabaseConfig.of(own.resolve("data"), own.resolve("index")),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get(server)),
                    null));
            servers.set(server, started);
            ports.set(server, started.port());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void stop(int server) {
        ZdbServer running = servers.get(server);
        if (running != null) {
            servers.set(server, null);
            try {
                running.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** An empty server takes the place of one. */
    void replace(int server) {
        stop(server);
        lives.set(server, lives.get(server) + 1);
        start(server);
    }

    @Override
    public void close() {
        for (int i = 0; i < servers.size(); i++) {
            stop(i);
        }
    }
}
