package org.qsfs.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.cli.admin.Json;
import tools.jackson.databind.node.ObjectNode;

class MetricsEndpointTest {
    @Test
    @DisplayName("The metrics are the volume's status")
    void scrape() throws Exception {
        ObjectNode status = Json.parse("""
                {"segments":{"open":2,"stored":17},"bytes":{"dirty":4096},"last_published":"2026-01-01T00:00:00Z",
                 "orphans":{"collections":3,"refused":1,"deleted_shards":5,"deleted_bytes":900,"last_collection":"1970-01-01T00:16:40Z"},
                 "backends":[{"id":"b1","group":"g","state":"healthy","latency_ms":2.0,"live_bytes":7},
                             {"id":"b2","group":"g","state":"down","latency_ms":0.0,"live_bytes":0}]}
                """);
        try (MetricsEndpoint endpoint = MetricsEndpoint.open(0, "v", () -> status);
                HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + "/metrics"))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            String text =
                    client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            assertThat(text)
                    .contains("qsfs_segments{state=\"stored\",volume=\"v\"} 17.0")
                    .contains("qsfs_bytes{kind=\"dirty\",volume=\"v\"} 4096.0")
                    .contains("qsfs_backend_healthy{backend=\"b1\",group=\"g\",volume=\"v\"} 1.0")
                    .contains("qsfs_backend_healthy{backend=\"b2\",group=\"g\",volume=\"v\"} 0.0")
                    .contains("qsfs_backend_latency_seconds{backend=\"b1\",volume=\"v\"} 0.002")
                    .contains("qsfs_last_published_timestamp_seconds{volume=\"v\"}")
                    .contains("qsfs_orphan_collections_total{outcome=\"ended\",volume=\"v\"} 3.0")
                    .contains("qsfs_orphan_collections_total{outcome=\"refused\",volume=\"v\"} 1.0")
                    .contains("qsfs_orphan_shards_deleted_total{volume=\"v\"} 5.0")
                    .contains("qsfs_orphan_deleted_bytes_total{volume=\"v\"} 900.0")
                    .contains("qsfs_last_orphan_collection_timestamp_seconds{volume=\"v\"} 1000.0")
                    .contains("jvm_");
        }
    }
}
