package org.qsfs.cli.metrics;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * Serves {@code http://127.0.0.1:PORT/metrics}. The values are those of `qsfs status --json`, asked for at each scrape.
 *
 * <pre>
 * qsfs_segments{volume,state}                    segments by state
 * qsfs_bytes{volume,kind}                        dirty, not_stored, cache
 * qsfs_backend_healthy{volume,backend,group}     1 or 0
 * qsfs_backend_latency_seconds{volume,backend}   time of a read, median of the last few
 * qsfs_backend_live_bytes{volume,backend}
 * qsfs_last_published_timestamp_seconds{volume}
 * qsfs_orphan_collections_total{volume,outcome}  ended, refused
 * qsfs_orphan_shards_deleted_total{volume}
 * qsfs_orphan_deleted_bytes_total{volume}
 * qsfs_last_orphan_collection_timestamp_seconds{volume}
 * </pre>
 */
public final class MetricsEndpoint implements AutoCloseable {
    private final HTTPServer server;

    private MetricsEndpoint(HTTPServer server) {
        this.server = server;
    }

    /** @param status of the volume, as JSON */
    public static MetricsEndpoint open(int port, String volume, Supplier<JsonNode> status) throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        JvmMetrics.builder().register(registry);
        fields(
                registry,
                "qsfs_segments",
                "Segments by state.",
                "state",
                volume,
                () -> status.get().path("segments"));
        fields(
                registry,
                "qsfs_bytes",
                "Bytes by where they are.",
                "kind",
                volume,
                () -> status.get().path("bytes"));
        GaugeWithCallback.builder()
                .name("qsfs_backend_healthy")
                .help("1 when the last calls to a backend went well.")
                .labelNames("volume", "backend", "group")
                .callback(gauge -> status.get()
                        .path("backends")
                        .forEach(backend -> gauge.call(
                                backend.path("state").asString("").equals("healthy") ? 1 : 0,
                                volume,
                                backend.path("id").asString(""),
                                backend.path("group").asString(""))))
                .register(registry);
        backend(
                registry,
                "qsfs_backend_latency_seconds",
                "Time of a read, median of the last few.",
                volume,
                status,
                "latency_ms",
                1e-3);
        backend(
                registry,
                "qsfs_backend_live_bytes",
                "Bytes of live values on a backend.",
                volume,
                status,
                "live_bytes",
                1);
        GaugeWithCallback.builder()
                .name("qsfs_last_published_timestamp_seconds")
                .help("When the volume was last published; 0 before the first time.")
                .labelNames("volume")
                .callback(gauge ->
                        gauge.call(seconds(status.get().path("last_published").asString("")), volume))
                .register(registry);
        orphans(registry, volume, () -> status.get().path("orphans"));
        return new MetricsEndpoint(HTTPServer.builder()
                .inetAddress(InetAddress.getLoopbackAddress())
                .port(port)
                .registry(registry)
                .buildAndStart());
    }

    private static void orphans(PrometheusRegistry registry, String volume, Supplier<JsonNode> orphans) {
        CounterWithCallback.builder()
                .name("qsfs_orphan_collections_total")
                .help("Looks for shards that no record names, since the mount.")
                .labelNames("volume", "outcome")
                .callback(counter -> {
                    JsonNode now = orphans.get();
                    counter.call(now.path("collections").asDouble(0), volume, "ended");
                    counter.call(now.path("refused").asDouble(0), volume, "refused");
                })
                .register(registry);
        CounterWithCallback.builder()
                .name("qsfs_orphan_shards_deleted_total")
                .help("Shards deleted because no record named them, since the mount.")
                .labelNames("volume")
                .callback(counter ->
                        counter.call(orphans.get().path("deleted_shards").asDouble(0), volume))
                .register(registry);
        CounterWithCallback.builder()
                .name("qsfs_orphan_deleted_bytes_total")
                .help("Bytes of these shards.")
                .labelNames("volume")
                .callback(counter ->
                        counter.call(orphans.get().path("deleted_bytes").asDouble(0), volume))
                .register(registry);
        GaugeWithCallback.builder()
                .name("qsfs_last_orphan_collection_timestamp_seconds")
                .help("When the last scheduled collection of orphans began; 0 when that is not known.")
                .labelNames("volume")
                .callback(gauge ->
                        gauge.call(seconds(orphans.get().path("last_collection").asString("")), volume))
                .register(registry);
    }

    private static void fields(
            PrometheusRegistry registry,
            String name,
            String help,
            String label,
            String volume,
            Supplier<JsonNode> fields) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("volume", label)
                .callback(gauge -> fields.get()
                        .properties()
                        .forEach(field -> gauge.call(field.getValue().asDouble(0), volume, field.getKey())))
                .register(registry);
    }

    private static void backend(
            PrometheusRegistry registry,
            String name,
            String help,
            String volume,
            Supplier<JsonNode> status,
            String field,
            double factor) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("volume", "backend")
                .callback(gauge -> status.get()
                        .path("backends")
                        .forEach(backend -> gauge.call(
                                backend.path(field).asDouble(0) * factor,
                                volume,
                                backend.path("id").asString(""))))
                .register(registry);
    }

    private static double seconds(String time) {
        return time.isEmpty() ? 0 : Instant.parse(time).toEpochMilli() / 1e3;
    }

    /** The port that is served; another one than asked for when that was 0. */
    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.close();
    }
}
