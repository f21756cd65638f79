package org.qsfs.zdb.contract;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.conformance.RespClient;

/** The contract through the protocol. */
abstract class WireContract extends ZdbContract {
    abstract RespClient connect() throws IOException;

    /** Null when everybody is admin. */
    @Nullable
    String adminPassword() {
        return null;
    }

    @Override
    final Space open(String name) throws IOException {
        return new WireSpace(this::connect, adminPassword(), name);
    }

    @Override
    final void remove(Space space) throws IOException {
        if (space instanceof WireSpace wire) {
            wire.remove();
        }
    }
}
