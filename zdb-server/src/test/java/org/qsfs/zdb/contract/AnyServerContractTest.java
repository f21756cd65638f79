package org.qsfs.zdb.contract;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.qsfs.zdb.conformance.RespClient;

/** The contract with any server, 0-db itself included: {@code -Dqsfs.it.zdb=host:port[,admin-password]}. */
@EnabledIfSystemProperty(
        named = "qsfs.it.zdb",
        matches = ".+",
        disabledReason = "give a server with -Dqsfs.it.zdb=host:port[,admin-password]")
final class AnyServerContractTest extends WireContract {
    private final String[] property = System.getProperty("qsfs.it.zdb", "").split(",", 2);

    @Override
    RespClient connect() throws IOException {
        int colon = property[0].lastIndexOf(':');
        return new RespClient(new InetSocketAddress(
                property[0].substring(0, colon).replaceAll("[\\[\\]]", ""),
                Integer.parseInt(property[0].substring(colon + 1))));
    }

    @Override
    @Nullable
    String adminPassword() {
        return property.length > 1 ? property[1] : null;
    }

    @Override
    boolean isOriginal() throws IOException {
        return OriginalZdb.is(this::connect);
    }
}
