package org.qsfs.zdb.contract;

import java.io.IOException;
import org.qsfs.zdb.conformance.RespClient;

/** Tells 0-db from our server: it takes the beginning of a command's name for the command. */
final class OriginalZdb {
    private OriginalZdb() {}

    static boolean is(WireSpace.Dial dial) throws IOException {
        try (RespClient client = dial.connect()) {
            return client.call("PIN").text().equals("PONG");
        }
    }
}
