package org.qsfs.zdb.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntSupplier;
import org.qsfs.zdb.engine.Database;
import org.qsfs.zdb.engine.Namespace;
import org.qsfs.zdb.engine.Statistics;

/** Serves {@code GET /metrics} in the text format of Prometheus. Values are read when asked for. */
final class MetricsEndpoint implements AutoCloseable {
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ServerStatistics server;
    private final Database database;
    private final ChunkPool pool;
    private final ValueCache cache;
    private final IntSupplier connections;

    MetricsEndpoint(
            InetSocketAddress address,
            ServerStatistics server,
            Database database,
            ChunkPool pool,
            ValueCache cache,
            IntSupplier connections)
            throws IOException {
        this.server = server;
        this.database = database;
        this.pool = pool;
        this.cache = cache;
        this.connections = connections;
        this.http = HttpServer.create(address, 16);
        http.setExecutor(threads);
        http.createContext("/metrics", this::answer);
        http.start();
    }

    InetSocketAddress address() {
        return http.getAddress();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = text().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        Statistics engine = database.statistics();
        counter(text, "zdb_clients_total", "connections accepted", server.clients.sum());
        gauge(text, "zdb_connections", "connections open", connections.getAsInt());
        counter(text, "zdb_commands_total", "commands executed", server.executed.sum());
        counter(text, "zdb_commands_unknown_total", "commands that do not exist", server.failed.sum());
        counter(text, "zdb_received_bytes_total", "bytes received", server.receivedBytes.sum());
        counter(text, "zdb_sent_bytes_total", "bytes sent", server.sentBytes.sum());
        counter(text, "zdb_data_read_bytes_total", "bytes of values read", engine.data.readBytes.sum());
        counter(text, "zdb_data_written_bytes_total", "bytes of entries written", engine.data.writtenBytes.sum());
        counter(text, "zdb_data_read_failed_total", "values that could not be read", engine.data.readFailed.sum());
        counter(text, "zdb_data_write_failed_total", "data writes that failed", engine.data.writeFailed.sum());
        counter(text, "zdb_index_write_failed_total", "index writes that failed", engine.index.writeFailed.sum());
        gauge(text, "zdb_value_memory_bytes", "memory of values on their way", pool.usedBytes());
        gauge(text, "zdb_cache_memory_bytes", "memory of values that are read again and again", cache.usedBytes());
        namespaces(text);
        return text.toString();
    }

    private void namespaces(StringBuilder text) {
        head(text, "zdb_namespace_entries", "live keys", "gauge");
        for (String name : database.names()) {
            Namespace namespace = database.namespace(name);
            if (namespace != null) {
                labelled(text, "zdb_namespace_entries", name, namespace.entries());
            }
        }
        head(text, "zdb_namespace_data_bytes", "bytes of live values", "gauge");
        for (String name : database.names()) {
            Namespace namespace = database.namespace(name);
            if (namespace != null) {
                labelled(text, "zdb_namespace_data_bytes", name, namespace.dataBytes());
            }
        }
    }

    private static void counter(StringBuilder text, String name, String help, long value) {
        head(text, name, help, "counter");
        text.append(name).append(' ').append(value).append('\n');
    }

    private static void gauge(StringBuilder text, String name, String help, long value) {
        head(text, name, help, "gauge");
        text.append(name).append(' ').append(value).append('\n');
    }

    private static void head(StringBuilder text, String name, String help, String type) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void labelled(StringBuilder text, String name, String namespace, long value) {
        String label = namespace.replace("\\", "\\\\").replace("\"", "\\\"");
        text.append(name)
                .append("{namespace=\"")
                .append(label)
                .append("\"} ")
                .append(value)
                .append('\n');
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
