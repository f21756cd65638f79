package org.qsfs.metadata.zdb;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogContract;

class ZdbCatalogContractTest extends CatalogContract {
    @TempDir
    static Path directory;

    private static final AtomicInteger SCOPES = new AtomicInteger();
    private static ZdbCluster cluster;
    private String scope = "";

    @BeforeAll
    static void start() {
        cluster = new ZdbCluster(directory, 4);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Override
    protected Catalog open() {
        if (scope.isEmpty()) {
            scope = "contract/" + SCOPES.incrementAndGet();
        }
        return new ZdbCatalog(cluster.config(scope));
    }

    @Override
    protected boolean concurrent() {
        return false;
    }
}
