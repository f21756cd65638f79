package org.qsfs.stor.zstor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qsfs.stor.segment.Blake2b128;
import org.qsfs.stor.testing.ZstorWriter;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.NamespaceSettings;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.client.ZdbTimeouts;
import org.qsfs.zdb.engine.DatabaseConfig;

@DisplayName("What zstor wrote")
class ZstorArchiveTest {
    private static final ZdbTimeouts TIMEOUTS = new ZdbTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(10));
    private static final String PREFIX = "zstor-meta";
    private static final int K = 3;
    private static final int M = 2;

    @TempDir
    Path directory;

    private final byte[] dataKey = new byte[32];
    private final byte[] metadataKey = new byte[32];
    private final List<ZdbClient> data = new ArrayList<>();
    private final List<ZdbClient> metadata = new ArrayList<>();
    private ZdbServer server;
    private ZstorWriter writer;
    private ZstorArchive archive;

    @BeforeEach
    void start() throws IOException {
        new Random(1).nextBytes(dataKey);
        new Random(2).nextBytes(metadataKey);
        server = ZdbServer.start(ZdbServerConfig.of(
                DatabaseConfig.of(directory.resolve("data"), directory.resolve("index")),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null));
        for (int i = 0; i < K + M; i++) {
            data.add(namespace("data" + i, NamespaceMode.SEQUENTIAL));
        }
        for (int i = 0; i < 4; i++) {
            metadata.add(namespace("meta" + i, NamespaceMode.USER));
        }
        writer = new ZstorWriter(dataKey, metadataKey, PREFIX, data, metadata);
        archive = archive(List.of(dataKey, metadataKey));
    }

    @AfterEach
    void stop() throws IOException {
        archive.close();
        data.forEach(ZdbClient::close);
        metadata.forEach(ZdbClient::close);
        server.close();
    }

    private ZdbClient namespace(String name, NamespaceMode mode) throws IOException {
        ZdbClient client =
                new ZdbClient(new ZdbEndpoint(new ZdbAddress("127.0.0.1", server.port()), name), TIMEOUTS, 2);
        client.createNamespace(NamespaceSettings.open(mode));
        return client;
    }

    private ZstorArchive archive(List<byte[]> keys) {
        return new ZstorArchive(
                new ZstorSettings(
                        PREFIX,
                        Optional.empty(),
                        keys,
                        metadata.stream().map(ZdbClient::endpoint).toList()),
                TIMEOUTS);
    }

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        for (int i = 0; i < length / 2; i++) {
            content[i] = (byte) (i / 100);
        }
        return content;
    }

    private Path restored(String hash) throws Exception {
        Path target = directory.resolve("restored/" + hash);
        archive.restore(archive.find(hash).orElseThrow(), target);
        assertThat(target.resolveSibling(hash + ".shards")).doesNotExist();
        assertThat(target.resolveSibling(hash + ".importing")).doesNotExist();
        return target;
    }

    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 1, 2, 3, 65_535, 65_536, 65_537, 1_000_000, (2 << 20) * K - 28, 14_000_000})
    @DisplayName("comes back as it was")
    void restores(int length) throws Exception {
        byte[] content = content(length);
        String hash = ZstorPath.hash(Path.of("/data/file" + length), Optional.empty());
        writer.store(hash, content, K, M);

        assertThat(restored(hash)).hasBinaryContent(content);
        assertThat(archive.hashes()).containsExactly(hash);
    }

    @Test
    @DisplayName("comes back from any k shards, around lost and rotten ones")
    void lostAndRotten() throws Exception {
        byte[] content = content(5_000_000);
        writer.store("aa", content, K, M);
        data.get(0).deleteNamespace();
        byte[] first = new byte[8];
        byte[] piece = data.get(2).get(first).orElseThrow();
        piece[1000] ^= 1;
        data.get(2).set(first, piece);
        assertThat(restored("aa")).hasBinaryContent(content);

        data.get(4).deleteNamespace();
        assertThatThrownBy(() -> restored("aa"))
                .isInstanceOf(ZstorException.class)
                .hasMessageContaining("[0, 2, 4]")
                .hasMessageContaining("only 2 are left of the 3");
    }

    @Test
    @DisplayName("is found with any two metadata namespaces, and among shards of different writes")
    void metadataLost() throws Exception {
        writer.store("aa", content(1000), K, M);
        List<byte[]> older = new ArrayList<>();
        byte[] key = ("/" + PREFIX + "/meta/aa").getBytes(StandardCharsets.UTF_8);
        for (ZdbClient namespace : metadata) {
            older.add(namespace.get(key).orElseThrow());
        }
        writer.store("aa", content(2000), K, M);
        metadata.get(0).set(key, older.get(0));
        metadata.get(3).deleteNamespace();
        assertThat(restored("aa")).hasBinaryContent(content(2000));

        metadata.get(2).deleteNamespace();
        assertThatThrownBy(() -> archive.find("aa"))
                .isInstanceOf(ZstorException.class)
                .hasMessageContaining("[encryption]");
        assertThat(archive.find("bb")).isEmpty();
        metadata.get(1).deleteNamespace();
        assertThatThrownBy(() -> archive.find("bb")).hasMessageContaining("two must answer");
        assertThatThrownBy(() -> archive.hashes()).hasMessageContaining("two must answer");
    }

    @Test
    @DisplayName("is refused with the wrong key, and when it was changed")
    void refused() throws Exception {
        writer.store("aa", content(1000), K, M);
        try (ZstorArchive wrong = archive(List.of(new byte[32]))) {
            assertThatThrownBy(() -> wrong.find("aa")).hasMessageContaining("cannot be decrypted");
        }
        ZstorRecord record = archive.find("aa").orElseThrow();
        ZstorRecord otherKey = new ZstorRecord(K, M, record.checksum(), new byte[32], record.shards());
        Path target = directory.resolve("target");
        assertThatThrownBy(() -> archive.restore(otherKey, target)).isInstanceOf(ZstorException.class);
        ZstorRecord otherFile = new ZstorRecord(K, M, new byte[16], record.key(), record.shards());
        assertThatThrownBy(() -> archive.restore(otherFile, target))
                .isInstanceOf(ZstorException.class)
                .hasMessageContaining("checksum");
        assertThat(target).doesNotExist();
        assertThat(record.toString()).doesNotContain(HexFormat.of().formatHex(dataKey));
    }

    @Test
    @DisplayName("has metadata that names what is wrong with it, whatever the bytes")
    void malformedRecords() throws Exception {
        writer.store("aa", content(10), K, M);
        Random random = new Random(3);
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            if (bytes.length > 16) {
                // past the first check
                java.nio.ByteBuffer.wrap(bytes)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .putLong(1 + random.nextInt(3))
                        .putLong(1 + random.nextInt(3));
            }
            assertThatThrownBy(() -> ZstorRecord.decode("x", bytes))
                    .isInstanceOf(ZstorException.class)
                    .hasMessageContaining("object x");
        }
    }

    @Test
    @DisplayName("is named by the hash of its path, below the root")
    void paths() throws Exception {
        // recorded from zstor; b2sum -l 128 gives the third
        Path file = Path.of("/data/index/zdbfs-meta/zdb-namespace");
        assertThat(ZstorPath.hash(file, Optional.empty())).isEqualTo("f46911200c6be4cc49cf7c1df2a37b6a");
        assertThat(ZstorPath.hash(Path.of("/data//x/../index/zdbfs-meta/./zdb-namespace"), Optional.empty()))
                .isEqualTo("f46911200c6be4cc49cf7c1df2a37b6a");
        assertThat(ZstorPath.hash(file, Optional.of(Path.of("/")))).isEqualTo("10c95b07ca4a0e0966ed2e153167f816");
        assertThat(HexFormat.of().formatHex(Blake2b128.of("abc".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo("cf4ab791c62b8d2b2109c90275287816");
        assertThatThrownBy(() -> ZstorPath.hash(file, Optional.of(Path.of("/other"))))
                .hasMessageContaining("not below zstor's root");
        assertThatThrownBy(() -> ZstorPath.hash(Path.of("relative"), Optional.empty()))
                .hasMessageContaining("absolute");
    }
}
