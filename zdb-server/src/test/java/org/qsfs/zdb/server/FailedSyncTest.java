package org.qsfs.zdb.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.conformance.RespClient;
import org.qsfs.zdb.engine.DatabaseConfig;
import org.qsfs.zdb.file.ForgetfulFiles;

/** After a failed fsync a pipeline ends with an error: a reply that is left out would make those behind it answer other requests. */
final class FailedSyncTest {
    private static final int VALUE_BYTES = 4000;
    /** More replies than the server collects. */
    private static final int READS = 40;

    @TempDir
    Path dir;

    private final ForgetfulFiles files = new ForgetfulFiles();
    private ZdbServerConfig config;

    @BeforeEach
    void configure() throws IOException {
        // the locks are files of the system
        Path data = Files.createDirectories(dir.resolve("data"));
        Path index = Files.createDirectories(dir.resolve("index"));
        config = ZdbServerConfig.of(
                DatabaseConfig.of(data, index).withFiles(files), new InetSocketAddress("localhost", 0), null);
    }

    private static byte[] request(String... words) {
        byte[][] arguments = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            arguments[i] = words[i].getBytes(StandardCharsets.US_ASCII);
        }
        return RespClient.request(arguments);
    }

    @Test
    void readsNeedRoomForTheirReplies() throws IOException {
        ByteArrayOutputStream pipeline = new ByteArrayOutputStream();
        pipeline.writeBytes(request("SET", "other", "value"));
        for (int i = 0; i < READS; i++) {
            pipeline.writeBytes(request("GET", "key"));
        }
        ZdbServer server = ZdbServer.start(config);
        try (RespClient client = new RespClient(server.port())) {
            assertThat(client.call("SET", "key", "x".repeat(VALUE_BYTES)).kind())
                    .isEqualTo("bulk");
            files.failNextSync();
            client.send(pipeline.toByteArray());
            assertThat(client.receive()).hasToString("error 'Cannot write data right now'");
            assertThat(client.receive().kind()).isEqualTo("closed");
        } finally {
            assertThatThrownBy(server::close).hasMessageContaining("fsync failed");
        }
    }
}
