package org.qsfs.metadata.etcd;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogContract;

class EtcdCatalogContractTest extends CatalogContract {

    private static EtcdCluster cluster;

    private final String prefix = "/test/" + UUID.randomUUID();

    @BeforeAll
    static void start(@TempDir Path directory) {
        cluster = EtcdCluster.start(directory, 1);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Override
    protected Catalog open() {
        return new EtcdCatalog(
                EtcdConfig.of(cluster.endpoints(), prefix).withTimes(Duration.ofSeconds(10), Duration.ofSeconds(3)));
    }
}
