package org.qsfs.zdb.server;

import java.io.IOException;

/** Executes one command and writes exactly one reply. */
interface Handler {
    void run(Call call) throws IOException;
}
