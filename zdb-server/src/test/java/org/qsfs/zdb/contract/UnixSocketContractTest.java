package org.qsfs.zdb.contract;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.conformance.RespClient;
import org.qsfs.zdb.engine.DatabaseConfig;

/** The contract with our server over a unix socket. */
final class UnixSocketContractTest extends WireContract {
    @TempDir
    Path dir;

    private ZdbServer server;

    @BeforeEach
    void start() throws IOException {
        server = ZdbServer.start(ZdbServerConfig.of(
                DatabaseConfig.of(dir.resolve("data"), dir.resolve("index")), null, dir.resolve("socket")));
    }

    @Override
    void stop() throws IOException {
        server.close();
    }

    @Override
    RespClient connect() throws IOException {
        return new RespClient(dir.resolve("socket"));
    }
}
