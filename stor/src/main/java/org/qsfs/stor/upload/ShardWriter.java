package org.qsfs.stor.upload;

import java.util.concurrent.ThreadLocalRandom;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.backend.ShardTarget;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.zdb.client.ZdbException;

/** Writes one value to one backend, trying again when a connection broke. Refusals and timeouts are not tried again: the shard goes elsewhere. */
final class ShardWriter {
    private static final int TRIES = 3;
    private static final int FIRST_PAUSE_MILLIS = 50;

    private ShardWriter() {}

    static void write(ShardTarget target, ShardName name, byte[] value) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                target.write(name, value);
                return;
            } catch (ZdbException failed) {
                if (failed instanceof ZdbException.Cancelled) {
                    throw new InterruptedException(failed.getMessage());
                }
                boolean mayHelp = failed instanceof ZdbException.Unreachable || failed instanceof ZdbException.Protocol;
                if (!mayHelp || attempt == TRIES || target.backend().state() == BackendState.DOWN) {
                    throw failed;
                }
                int pause = FIRST_PAUSE_MILLIS << attempt;
                Thread.sleep(pause + ThreadLocalRandom.current().nextInt(pause));
            }
        }
    }
}
