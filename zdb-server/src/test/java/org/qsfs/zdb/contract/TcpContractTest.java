package org.qsfs.zdb.contract;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.conformance.RespClient;
import org.qsfs.zdb.conformance.RestartableServer;

/** The contract with our server over TCP. */
final class TcpContractTest extends WireContract {
    @TempDir
    Path dir;

    private RestartableServer server;

    @BeforeEach
    void start() throws IOException {
        server = new RestartableServer(dir, List.of("--admin", "boss"));
        server.start();
    }

    @Override
    void stop() throws IOException {
        server.close();
    }

    @Override
    RespClient connect() throws IOException {
        return new RespClient(server.port());
    }

    @Override
    String adminPassword() {
        return "boss";
    }
}
