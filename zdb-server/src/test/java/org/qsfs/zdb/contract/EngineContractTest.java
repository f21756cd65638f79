package org.qsfs.zdb.contract;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.engine.Database;
import org.qsfs.zdb.engine.DatabaseConfig;
import org.qsfs.zdb.engine.DatabaseListener;
import org.qsfs.zdb.engine.Namespace;

/** The contract with the engine in this process. */
final class EngineContractTest extends ZdbContract {
    @TempDir
    Path dir;

    private Database database;

    @BeforeEach
    void start() throws IOException {
        database = Database.open(DatabaseConfig.of(dir.resolve("data"), dir.resolve("index")), DatabaseListener.NONE);
    }

    @Override
    void stop() throws IOException {
        database.close();
    }

    @Override
    Space open(String name) throws IOException {
        database.create(name);
        Namespace namespace = database.namespace(name);
        if (namespace == null) {
            throw new IOException(name + " was not created");
        }
        return new EngineSpace(namespace);
    }

    @Override
    void remove(Space space) throws IOException {
        if (space instanceof EngineSpace(Namespace namespace)) {
            database.delete(namespace);
        }
    }
}
