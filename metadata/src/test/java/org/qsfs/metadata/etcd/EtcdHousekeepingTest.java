package org.qsfs.metadata.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.GetOption;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;

/** What the writer does for the cluster, and a cluster whose space is used up. */
@Timeout(60)
class EtcdHousekeepingTest {

    @TempDir
    Path directory;

    private static long put(EtcdCatalog catalog, byte[] value) {
        return catalog.commit(CatalogTransaction.begin().put("key", value).build())
                .orElseThrow();
    }

    @Test
    void dropsRevisionsOlderThanTheLastRun() throws Exception {
        try (EtcdCluster cluster = EtcdCluster.start(directory, 1);
                EtcdSession session = new EtcdSession(EtcdConfig.of(cluster.endpoints(), "/x"));
                EtcdCatalog catalog = new EtcdCatalog(session.config());
                Client client = Client.builder()
                        .endpoints(cluster.endpoints().getFirst())
                        .build()) {
            EtcdHousekeeping housekeeping = new EtcdHousekeeping(session);
            long old = put(catalog, new byte[1]);
            long first = put(catalog, new byte[2]);
            housekeeping.run();
            assertThat(lengthAt(client, old)).isEqualTo(1);
            put(catalog, new byte[3]);
            housekeeping.run();
            assertThatThrownBy(() -> lengthAt(client, old)).hasMessageContaining("compacted");
            assertThat(lengthAt(client, first)).isEqualTo(2);
            EtcdHousekeeping other = new EtcdHousekeeping(session);
            other.run();
            other.run();
            housekeeping.run(); // finds that another has gone further
            assertThat(catalog.get("key").orElseThrow().value()).hasSize(3);
        }
    }

    private static int lengthAt(Client client, long revision) throws Exception {
        return client.getKVClient()
                .get(
                        ByteSequence.from("/x/key", StandardCharsets.UTF_8),
                        GetOption.builder().withRevision(revision).build())
                .get(10, TimeUnit.SECONDS)
                .getKvs()
                .getFirst()
                .getValue()
                .size();
    }

    @Test
    void warnsAtSeventyPercent() {
        assertThat(new EtcdHousekeeping.Usage("e", 699, 1000).isHigh()).isFalse();
        assertThat(new EtcdHousekeeping.Usage("e", 700, 1000).isHigh()).isTrue();
    }

    @Test
    void fullDatabase() {
        long quota = 1024 * 1024;
        try (EtcdCluster cluster = EtcdCluster.start(directory, 1, "http", List.of("--quota-backend-bytes=" + quota));
                EtcdSession session =
                        new EtcdSession(EtcdConfig.of(cluster.endpoints(), "/x").withQuota(quota));
                EtcdCatalog catalog = new EtcdCatalog(session.config())) {
            EtcdHousekeeping housekeeping = new EtcdHousekeeping(session);
            assertThat(housekeeping.usage()).hasSize(1).noneMatch(EtcdHousekeeping.Usage::isHigh);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 500; i++) {
                            put(catalog, new byte[200_000]);
                        }
                    })
                    .isInstanceOf(CatalogException.Full.class)
                    .hasMessageContaining("quota");
            assertThat(housekeeping.usage()).hasSize(1).allMatch(EtcdHousekeeping.Usage::isHigh);
            assertThatThrownBy(catalog::checkWritable).isInstanceOf(CatalogException.Full.class);
            assertThat(catalog.get("key")).as("reading goes on").isPresent();
        }
    }
}
