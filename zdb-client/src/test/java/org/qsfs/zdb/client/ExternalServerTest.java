package org.qsfs.zdb.client;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The contract with any server, 0-db itself included: {@code -Dqsfs.it.zdb=host:port[,admin-password]}. */
@EnabledIfSystemProperty(
        named = "qsfs.it.zdb",
        matches = ".+",
        disabledReason = "give a server with -Dqsfs.it.zdb=host:port[,admin-password]")
class ExternalServerTest extends ZdbClientContract {

    private final String[] property = System.getProperty("qsfs.it.zdb", "").split(",", 2);

    @Override
    ZdbAddress address() {
        return ZdbAddress.parse(property[0]);
    }

    @Override
    @Nullable
    String adminPassword() {
        return property.length > 1 ? property[1] : null;
    }
}
