package org.qsfs.stor.scenario;

import org.junit.jupiter.api.DisplayName;
import org.qsfs.zdb.client.NamespaceMode;

@DisplayName("On our own zdb servers, in sequential namespaces,")
class RealSequentialBackendsTest extends RealBackendsTest {
    @Override
    NamespaceMode mode() {
        return NamespaceMode.SEQUENTIAL;
    }
}
