package org.qsfs.fs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.encryption.KeyFile;
import org.qsfs.encryption.Recipient;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.fs.offload.UploadProgress;
import org.qsfs.fs.offload.Volume;
import org.qsfs.fs.offload.VolumeConfig;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.SealedCatalog;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.local.LocalCatalog;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.PoolSettings;
import org.qsfs.stor.object.ObjectName;
import org.qsfs.stor.object.ObjectStore;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.volume.VolumeHeaders;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.engine.DatabaseConfig;

/** The programs of docs/embedding.md: the page shows the lines of these methods. */
@DisplayName("qsfs as a library")
class EmbeddingTest {
    @TempDir
    Path home;

    private final VolumeId id = VolumeId.random();
    private final RedundancyPolicy policy = RedundancyPolicy.of(2, 4);
    private final List<ZdbServer> servers = new ArrayList<>();
    private final List<BackendConfig> backends = new ArrayList<>();

    @BeforeEach
    void startBackends() throws Exception {
        for (int i = 0; i < policy.expectedShards(); i++) {
            Path own = home.resolve("zdb" + i);
            ZdbServer server = ZdbServer.start(ZdbServerConfig.of(
                    DatabaseConfig.of(own.resolve("data"), own.resolve("index")),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    null));
            servers.add(server);
            backends.add(new BackendConfig(
                    new BackendId("b" + i),
                    "site-" + i,
                    new ZdbEndpoint(new ZdbAddress("127.0.0.1", server.port()), "default")));
        }
    }

    @AfterEach
    void stopBackends() throws Exception {
        for (ZdbServer server : servers) {
            server.close();
        }
    }

    @Test
    @DisplayName("makes a volume, stores single files, and is a filesystem without a mount")
    void programs() throws Exception {
        create();
        Path file = Files.writeString(home.resolve("report.txt"), "quarterly figures");
        use(file);
        use(file);
    }

    private void create() throws Exception {
        try (KeyFile secret = KeyFile.create(home.resolve("volume.key"));
                Catalog catalog = LocalCatalog.open(home.resolve("catalog"));
                BackendPool pool = BackendPool.open(id, backends, PoolSettings.DEFAULT, true);
                VolumeKeys keys = VolumeKeys.generate(id)) {
            VolumeHeader header = VolumeHeader.create(keys, List.of(Recipient.keyFile("key-file", secret)));
            new VolumeHeaders(catalog, pool).store(header, policy, null);
        }
    }

    private void use(Path file) throws Exception {
        Path directory = home.resolve("volume");
        OptionalLong epoch = Volume.localEpoch(directory);
        BackendPool pool = BackendPool.open(id, backends, PoolSettings.DEFAULT, true);
        try (KeyFile secret = KeyFile.read(home.resolve("volume.key"));
                Catalog catalog = LocalCatalog.open(home.resolve("catalog"));
                VolumeKeys keys = VolumeHeader.unlockNewest(new VolumeHeaders(catalog, pool).copies(), secret)
                        .keys();
                Catalog sealed = new SealedCatalog(catalog, keys.sealer("catalog"), id);
                WriterLease lease = sealed.acquire(new LeaseRequest("my-program", epoch, false));
                StorEngine engine = StorEngine.open(StorConfig.of(policy), sealed, lease, keys, pool)) {
            storeAndRetrieve(engine, file);
            writeAndPublish(engine, lease, directory);
        }
    }

    private void storeAndRetrieve(StorEngine engine, Path file) throws Exception {
        ObjectStore objects = engine.objects(home.resolve("staging"), ObjectStore.PIECE_BYTES);
        objects.store(file, file);
        objects.retrieve(ObjectName.of(file), home.resolve("copy"));
        assertThat(home.resolve("copy")).hasSameTextualContentAs(file);
    }

    private void writeAndPublish(StorEngine engine, WriterLease lease, Path directory) throws Exception {
        VolumeConfig config = VolumeConfig.of(directory, "archive", id);
        try (Volume volume = Volume.open(config, engine, lease.epoch(), Volume.Start.RESUME)) {
            FileSystem fs = volume.fileSystem();
            FileName name = FileName.of("file-" + System.nanoTime());
            FileSystem.Created file = fs.create(Caller.ROOT, FileSystem.ROOT, name, 0644, OpenFlags.READ_WRITE);
            fs.write(file.handle(), 0, ByteBuffer.wrap("hello".getBytes(UTF_8)));
            fs.fsync(file.handle(), false); // on the local disk
            fs.release(file.handle());
            UploadProgress end = volume.flush(progress -> {}, Duration.ofMinutes(1)); // on the backends
            assertThat(end.published()).isTrue();
        }
    }

    @Test
    @DisplayName("is documented by lines that this test runs")
    void documented() throws Exception {
        String own = condensed(Files.readString(Path.of("src/test/java/org/qsfs/fs/EmbeddingTest.java")));
        String page = Files.readString(Path.of("../docs/embedding.md"));
        List<String> blocks = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL)
                .matcher(page)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
        assertThat(blocks).hasSize(4);
        for (String block : blocks) {
            assertThat(own).contains(condensed(block));
        }
    }

    private static String condensed(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }
}
