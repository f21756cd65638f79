package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.SealedCatalog;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.local.LocalCatalog;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.PoolSettings;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.rebuild.RecordRebuild;
import org.qsfs.stor.scrub.ScrubScope;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.NamespaceSettings;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.engine.DatabaseConfig;

@DisplayName("On our own zdb servers, with the usual settings,")
class RealBackendsTest {
    private static final String NAMESPACE = "volume";
    private static final int LENGTH = (9 << 20) + 12345;

    @TempDir
    Path directory;

    private final Map<Integer, ZdbServer> servers = new HashMap<>();
    private final int[] ports = new int[4];
    private final VolumeKeys keys = VolumeKeys.generate(VolumeId.random());
    private Catalog catalog;
    private WriterLease lease;
    private BackendPool pool;
    private StorEngine engine;

    /** Of the namespaces of all backends. */
    NamespaceMode mode() {
        return NamespaceMode.USER;
    }

    @BeforeEach
    void start() throws IOException {
        for (int i = 0; i < 4; i++) {
            start(i);
        }
        catalog = new SealedCatalog(
                LocalCatalog.open(directory.resolve("catalog")), keys.sealer("catalog"), keys.volume());
        lease = catalog.acquire(LeaseRequest.fresh("test"));
        open();
    }

    @AfterEach
    void stop() throws IOException {
        engine.close();
        lease.release();
        catalog.close();
        keys.close();
        for (ZdbServer server : servers.values()) {
            server.close();
        }
    }

    private void start(int number) throws IOException {
        Path home = directory.resolve("backend" + number);
        ZdbServer server = ZdbServer.start(ZdbServerConfig.of(
                DatabaseConfig.of(home.resolve("data"), home.resolve("index")),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[number]),
                null));
        ports[number] = server.port();
        servers.put(number, server);
        try (ZdbClient admin = new ZdbClient(endpoint(number))) {
            admin.createNamespace(NamespaceSettings.open(mode()));
        }
    }

    private ZdbEndpoint endpoint(int number) {
        return new ZdbEndpoint(new ZdbAddress("127.0.0.1", ports[number]), NAMESPACE);
    }

    private void open() throws IOException {
        List<BackendConfig> configs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            configs.add(new BackendConfig(new BackendId("b" + i), "g", endpoint(i)));
        }
        pool = BackendPool.open(keys.volume(), configs, PoolSettings.DEFAULT, true);
        engine = StorEngine.open(StorConfig.of(RedundancyPolicy.of(2, 4)), catalog, lease, keys, pool);
    }

    private Path file(int number, int length) throws IOException {
        byte[] content = new byte[length];
        new Random(number).nextBytes(content);
        return Files.write(directory.resolve("d" + number), content);
    }

    private void expectReadable(SegmentId id, Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        ByteBuffer dst = ByteBuffer.allocate(content.length);
        engine.read(id, 0, dst);
        assertThat(dst.array()).isEqualTo(content);
        Path fetched = directory.resolve("fetched");
        engine.fetch(id, fetched);
        assertThat(fetched).hasSameBinaryContentAs(file);
    }

    @Test
    @DisplayName(
            "a segment survives the loss of two backends, a restart of all, an empty one, and is gone when deleted")
    void life() throws Exception {
        SegmentId id = SegmentId.data(lease.epoch(), 1);
        Path file = file(1, LENGTH);
        assertThat(engine.store(id, file).state()).isEqualTo(StoredState.STORED);
        assertThat(engine.confirmStored(id))
                .as("our servers sync before they acknowledge")
                .isTrue();
        servers.get(0).close();
        servers.get(3).close();
        expectReadable(id, file);
        assertThatThrownBy(() -> engine.store(SegmentId.data(lease.epoch(), 2), file))
                .isInstanceOf(StorException.UploadFailed.class);
        engine.close();
        servers.get(1).close();
        servers.get(2).close();
        for (int i = 0; i < 4; i++) {
            start(i);
        }
        open();
        expectReadable(id, file);
        assertThat(engine.delete(id)).isTrue();
        assertThat(engine.record(id)).isEmpty();
    }

    @Test
    @DisplayName(
            "a backend loses a value and another one all, the catalog is lost, and everything is found and whole again")
    void losses() throws Exception {
        SegmentId first = SegmentId.data(lease.epoch(), 1);
        SegmentId second = SegmentId.data(lease.epoch(), 2);
        Path one = file(1, LENGTH);
        Path two = file(2, LENGTH);
        engine.store(first, one);
        engine.store(second, two);
        try (ZdbClient client = new ZdbClient(endpoint(0))) {
            List<byte[]> keys = new ArrayList<>();
            client.scan(entry -> keys.add(entry.key()));
            client.delete(keys.getLast());
        }
        assertThat(engine.scrub(ScrubScope.all(CheckDepth.READ), (done, total) -> {})
                        .repairedSegments())
                .isEqualTo(1);
        assertThat(engine.scrub(ScrubScope.all(CheckDepth.READ), (done, total) -> {})
                        .damagedShards())
                .isZero();
        forget(first);
        forget(second);
        assertThat(RecordRebuild.look(pool, keys).write(catalog, lease).written())
                .isEqualTo(2);
        reopen();
        expectReadable(first, one);
        forget(first);
        reopen();
        assertThat(engine.collectOrphans(Duration.ofHours(1), true).deleted()).isZero();
        assertThat(engine.collectOrphans(Duration.ofHours(-1), true).deleted())
                .as("as if an hour had passed")
                .isEqualTo(4);
        engine.close();
        try (ZdbClient client = new ZdbClient(endpoint(3))) {
            client.deleteNamespace();
            client.createNamespace(NamespaceSettings.open(mode()));
        }
        open();
        engine.repairAll();
        assertThat(engine.record(second).orElseThrow().state()).isEqualTo(StoredState.STORED);
        servers.get(0).close();
        servers.get(1).close();
        expectReadable(second, two);
    }

    private void reopen() throws IOException {
        engine.close();
        open();
    }

    private void forget(SegmentId id) {
        assertThat(catalog.commit(CatalogTransaction.begin()
                        .ifHeld(lease)
                        .delete(id.catalogKey())
                        .build()))
                .isPresent();
    }
}
