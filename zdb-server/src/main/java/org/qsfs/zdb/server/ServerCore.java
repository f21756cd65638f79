package org.qsfs.zdb.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.ReadyHookException;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.engine.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires the parts of a server, and starts and stops them in order. */
public final class ServerCore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCore.class);
    /** How long requests under way may take at a stop. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private static final long CHECK_MILLIS = 1000;
    /** How long a request waits for memory that others use. */
    private static final long MEMORY_WAIT_MILLIS = 30_000;

    private final ZdbServerConfig config;
    /**
     * So many connections have a thread of the system and large buffers of their own. A virtual thread that waits for its client
     * costs two more system calls and a switch of threads per request, which is half of what a small request costs.
     */
    private static final int LANES = 32;

    private static final long STACK_BYTES = 256 << 10;

    private final ServerStatistics statistics = new ServerStatistics();
    private final @Nullable TlsIdentity tls;
    private final Hooks hooks;
    private final HookEvents events;
    private final Database database;
    private final ChunkPool pool;
    private final ValueCache cache;
    private final Waiters waiters = new Waiters();
    private final AccessCommands access;
    private final Commands commands;
    private final List<Listener> listeners = new ArrayList<>();
    private final Semaphore lanes = new Semaphore(LANES);
    private final Queue<Connection.Buffers> idleBuffers = new ConcurrentLinkedQueue<>();
    private final Map<Connection, Thread> connections = new ConcurrentHashMap<>();
    private @Nullable MetricsEndpoint metrics;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean closing;

    private ServerCore(ZdbServerConfig config, List<SocketAddress> addresses) throws IOException {
        this.config = config;
        ZdbServerConfig.TlsFiles files = config.tls();
        this.tls = files == null ? null : TlsIdentity.read(files);
        this.hooks = new Hooks(config.hook(), identity(addresses), config.hookLimit());
        this.events = new HookEvents(hooks);
        hooks.run(
                "namespaces-init",
                config.database().indexRoot().toString(),
                config.database().dataRoot().toString());
        this.database = Database.open(
                hooks.isConfigured() ? config.database().withOffload(events::restore) : config.database(), events);
        this.pool = new ChunkPool(config.requestBytes(), MEMORY_WAIT_MILLIS);
        this.cache = new ValueCache(config.cacheBytes());
        this.access = new AccessCommands(database, config.adminPassword(), config.protect());
        ServerReport report = new ServerReport(
                statistics,
                database.statistics(),
                ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE),
                config.sayDurable());
        this.commands = new Commands(
                new DataCommands(pool, cache),
                access,
                new NamespaceCommands(database, access, hooks),
                new SystemCommands(report, pool, hooks, waiters),
                waiters,
                statistics);
    }

    /** Opens the database, listens at all addresses, and runs the hooks of a start. */
    public static ServerCore start(ZdbServerConfig config, List<SocketAddress> addresses) throws IOException {
        ServerCore core = new ServerCore(config, addresses);
        try {
            for (SocketAddress address : addresses) {
                core.listeners.add(Listener.start(address, core::accepted));
            }
            core.startMetrics();
            int status = core.hooks.run("ready");
            if (status != 0) {
                throw new ReadyHookException(status);
            }
        } catch (IOException e) {
            core.close();
            throw e;
        }
        Thread.ofVirtual().name("zdb-limits").start(core::disconnectOverdue);
        return core;
    }

    private void startMetrics() throws IOException {
        InetSocketAddress address = config.metrics();
        if (address != null) {
            metrics = new MetricsEndpoint(address, statistics, database, pool, cache, connections::size);
        }
    }

    /** Where metrics are served; null = nowhere. */
    public @Nullable InetSocketAddress metricsAddress() {
        MetricsEndpoint endpoint = metrics;
        return endpoint == null ? null : endpoint.address();
    }

    private static String identity(List<SocketAddress> addresses) {
        String identity = "";
        for (SocketAddress address : addresses) {
            if (address instanceof UnixDomainSocketAddress unix) {
                return "unix://" + unix.getPath();
            }
            if (address instanceof InetSocketAddress tcp) {
                identity = "tcp://" + tcp.getHostString() + ":" + tcp.getPort();
            }
        }
        return identity;
    }

    private void accepted(SocketChannel channel) {
        if (closing || connections.size() >= config.connections()) {
            refuse(channel);
            return;
        }
        statistics.clients.increment();
        boolean privileged = lanes.tryAcquire();
        Connection.Buffers buffers = privileged ? largeBuffers() : Connection.Buffers.small();
        Connection connection;
        try {
            connection = connection(channel, buffers);
        } catch (IOException e) {
            LOG.warn("a connection could not be served: {}", e.getMessage());
            leave(privileged, buffers);
            refuse(channel);
            return;
        }
        Thread.Builder builder = privileged ? Thread.ofPlatform().daemon().stackSize(STACK_BYTES) : Thread.ofVirtual();
        Thread thread = builder.name("zdb-client").unstarted(() -> {
            try {
                connection.run();
            } finally {
                connections.remove(connection);
                waiters.closed(connection);
                leave(privileged, buffers);
            }
        });
        if (!start(connection, thread)) {
            leave(privileged, buffers);
            refuse(channel);
        }
    }

    /** Afterwards the thread runs and a stop knows it; false when a stop has begun. */
    private synchronized boolean start(Connection connection, Thread thread) {
        if (closing) {
            return false;
        }
        connections.put(connection, thread);
        thread.start();
        return true;
    }

    private void leave(boolean privileged, Connection.Buffers buffers) {
        if (privileged) {
            idleBuffers.add(buffers);
            lanes.release();
        }
    }

    private Connection connection(SocketChannel channel, Connection.Buffers buffers) throws IOException {
        Session session = access.newSession();
        TlsIdentity identity = tls;
        boolean unix = channel.getLocalAddress() instanceof UnixDomainSocketAddress;
        if (identity != null && !unix) {
            TlsChannel plain = new TlsChannel(channel, identity);
            return new Connection(channel, plain, null, commands, session, pool, statistics, buffers);
        }
        InputStream arrivals = unix ? null : channel.socket().getInputStream();
        return new Connection(channel, channel, arrivals, commands, session, pool, statistics, buffers);
    }

    private Connection.Buffers largeBuffers() {
        Connection.Buffers idle = idleBuffers.poll();
        return idle == null ? Connection.Buffers.large() : idle;
    }

    private static void refuse(SocketChannel channel) {
        try (channel) {
            channel.configureBlocking(false);
            channel.write(ByteBuffer.wrap("-Too many connections\r\n".getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException e) {
            LOG.debug("a refused connection was gone before: {}", e.toString());
        }
    }

    private void disconnectOverdue() {
        long idle = config.idle().toNanos();
        long stuck = config.stuck().toNanos();
        try {
            while (!closed.await(CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
                for (Connection connection : connections.keySet()) {
                    if (connection.isOverdue(idle, stuck)) {
                        disconnect(connection);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void disconnect(Connection connection) {
        try {
            connection.close();
        } catch (IOException e) {
            // one that cannot be closed is no reason to leave the others alone
            LOG.debug("closing an overdue connection: {}", e.toString());
        }
    }

    public Database database() {
        return database;
    }

    public int port() throws IOException {
        for (Listener listener : listeners) {
            if (listener.address() instanceof InetSocketAddress tcp) {
                return tcp.getPort();
            }
        }
        throw new IllegalStateException("the server does not listen at a TCP port");
    }

    public void await() throws InterruptedException {
        closed.await();
    }

    /** Stops accepting, lets requests under way end, makes everything durable, runs the hooks of a stop. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
        }
        try {
            for (Listener listener : listeners) {
                listener.close();
            }
            MetricsEndpoint endpoint = metrics;
            if (endpoint != null) {
                endpoint.close();
            }
            stopConnections();
            database.close();
        } finally {
            hooks.queue("close");
            events.runClosing();
            hooks.close();
            if (config.socket() != null) {
                config.database().files().delete(config.socket());
            }
            closed.countDown();
        }
    }

    private void stopConnections() throws IOException {
        long deadline = System.nanoTime() + STOP_LIMIT.toNanos();
        Map<Connection, Thread> open = Map.copyOf(connections);
        for (Connection connection : open.keySet()) {
            connection.stop();
        }
        try {
            for (Map.Entry<Connection, Thread> each : open.entrySet()) {
                Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
                if (!each.getValue().join(left)) {
                    each.getKey().close();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
