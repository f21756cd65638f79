package org.qsfs.metadata.local;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogContract;

class LocalCatalogContractTest extends CatalogContract {

    @TempDir
    Path directory;

    @Override
    protected Catalog open() {
        return LocalCatalog.open(directory);
    }
}
