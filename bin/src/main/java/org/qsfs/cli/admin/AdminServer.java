package org.qsfs.cli.admin;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Serves the admin socket of one daemon until closed. */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final Duration REQUEST_DEADLINE = Duration.ofSeconds(10);
    /** What closing leaves commands under way to send their answers. */
    private static final Duration REPLY_LIMIT = Duration.ofSeconds(5);

    private static final Duration WRITE_DEADLINE = Duration.ofSeconds(10);
    private static final Duration HEARTBEAT = Duration.ofSeconds(2);
    private static final int CONNECTIONS = 64;

    private final Path socket;
    private final ServerSocketChannel listener;
    private final Map<String, AdminCommand> commands;
    private final Semaphore connections = new Semaphore(CONNECTIONS);

    private AdminServer(Path socket, ServerSocketChannel listener, Map<String, AdminCommand> commands) {
        this.socket = socket;
        this.listener = listener;
        this.commands = Map.copyOf(commands);
    }

    /** Listens at {@code socket}, replacing what a killed daemon left there. The caller holds the volume's lock. */
    public static AdminServer open(Path socket, Map<String, AdminCommand> commands) throws IOException {
        Files.deleteIfExists(socket);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(socket));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            listener.close();
            throw new IOException("cannot listen on the admin socket " + socket + ": " + e.getMessage(), e);
        }
        AdminServer server = new AdminServer(socket, listener, commands);
        Thread.ofVirtual().name("admin").start(server::accept);
        return server;
    }

    /** Where it listens. */
    public Path socket() {
        return socket;
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel connection = listener.accept();
                if (connections.tryAcquire()) {
                    Thread.ofVirtual().name("admin-request").start(() -> serve(connection));
                } else {
                    connection.close();
                }
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException e) {
                LOG.warn("admin socket: cannot accept a connection", e);
            }
        }
    }

    private void serve(SocketChannel connection) {
        try (LineChannel lines = new LineChannel(connection)) {
            ObjectNode request = Json.parse(lines.read(REQUEST_DEADLINE));
            lines.write(Json.line(answer(request, lines)), WRITE_DEADLINE);
        } catch (IOException | IllegalArgumentException e) {
            LOG.debug("admin socket: request dropped", e);
        } finally {
            connections.release();
        }
    }

    private ObjectNode answer(ObjectNode request, LineChannel lines) {
        String name = request.path("command").asString("");
        AdminCommand command = commands.get(name);
        if (command == null) {
            return error(
                    "this daemon does not know the command \"" + name + "\"; is it older than your qsfs?",
                    CommandFailure.USAGE);
        }
        ObjectNode arguments = request.get("arguments") instanceof ObjectNode given ? given : Json.object();
        Outlet outlet = new Outlet(lines);
        Thread heartbeat = Thread.ofVirtual().name("admin-heartbeat").start(outlet::beat);
        try {
            AdminReply reply = command.run(arguments, outlet);
            ObjectNode line = Json.object();
            line.set("result", reply.result());
            line.put("exit", reply.exit());
            return line;
        } catch (CommandFailure e) {
            LOG.info("{}: {}", name, e.getMessage());
            return error(String.valueOf(e.getMessage()), e.exit());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return error(name + " was interrupted", CommandFailure.FAILED);
        } catch (Exception e) {
            LOG.warn("{} failed", name, e);
            return error(e.getMessage() == null ? e.toString() : e.getMessage(), CommandFailure.FAILED);
        } finally {
            heartbeat.interrupt();
        }
    }

    private static ObjectNode error(String text, int exit) {
        return Json.object().put("error", text).put("exit", exit);
    }

    /** Listens no more, lets running requests send their answers for at most five seconds, and removes the socket. */
    @Override
    public void close() throws IOException {
        listener.close();
        try {
            if (!connections.tryAcquire(CONNECTIONS, REPLY_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("admin socket: commands are still running; their callers get no answer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(socket);
    }

    /** Sends progress, at most ten lines a second, and a sign of life when there is none. A client that went away is no reason to stop the work. */
    private static final class Outlet implements Progress {
        private static final long SHORTEST_INTERVAL = 100_000_000;

        private final LineChannel lines;
        private final AtomicLong lastSent = new AtomicLong(System.nanoTime() - SHORTEST_INTERVAL);

        Outlet(LineChannel lines) {
            this.lines = lines;
        }

        @Override
        public void report(String phase, long done, long total, String unit) {
            long now = System.nanoTime();
            long last = lastSent.get();
            if ((now - last >= SHORTEST_INTERVAL || done == total) && lastSent.compareAndSet(last, now)) {
                send(Json.object()
                        .put("progress", phase)
                        .put("done", done)
                        .put("total", total)
                        .put("unit", unit));
            }
        }

        void beat() {
            try {
                while (true) {
                    Thread.sleep(HEARTBEAT);
                    send(Json.object().put("alive", true));
                }
            } catch (InterruptedException finished) {
                Thread.currentThread().interrupt();
            }
        }

        private void send(JsonNode line) {
            try {
                lines.write(Json.line(line), WRITE_DEADLINE);
            } catch (IOException clientIsGone) {
                LOG.debug("admin socket: client does not listen", clientIsGone);
            }
        }
    }
}
