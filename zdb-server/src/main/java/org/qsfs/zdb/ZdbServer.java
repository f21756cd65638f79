package org.qsfs.zdb;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.Database;
import org.qsfs.zdb.server.ServerCore;

/**
 * A running zdb server.
 *
 * <p>{@link #start} opens the directories and listens; {@link #close} lets requests under way end, makes everything durable,
 * and releases the directories. Threading: everything may be called by any thread.
 */
public final class ZdbServer implements AutoCloseable {
    private final ServerCore core;

    private ZdbServer(ServerCore core) {
        this.core = core;
    }

    /**
     * Starts a server.
     *
     * @throws IOException when the directories are in use or damaged, or an address cannot be listened at
     * @throws ReadyHookException when the ready hook fails
     */
    public static ZdbServer start(ZdbServerConfig config) throws IOException {
        List<SocketAddress> addresses = new ArrayList<>();
        InetSocketAddress tcp = config.tcp();
        Path socket = config.socket();
        if (tcp != null) {
            addresses.add(tcp);
        }
        if (socket != null) {
            Files.deleteIfExists(socket);
            addresses.add(UnixDomainSocketAddress.of(socket));
        }
        return new ZdbServer(ServerCore.start(config, addresses));
    }

    /** The TCP port that it listens at. */
    public int port() throws IOException {
        return core.port();
    }

    /** Where metrics are served; null = nowhere. */
    public @Nullable InetSocketAddress metricsAddress() {
        return core.metricsAddress();
    }

    /** The engine, for use in the same process. */
    public Database database() {
        return core.database();
    }

    /** Waits until the server is closed. */
    public void await() throws InterruptedException {
        core.await();
    }

    @Override
    public void close() throws IOException {
        core.close();
    }
}
