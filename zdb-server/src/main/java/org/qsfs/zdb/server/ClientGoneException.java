package org.qsfs.zdb.server;

import java.io.IOException;

/** The connection to the client is broken or closed. */
final class ClientGoneException extends IOException {
    private static final long serialVersionUID = 1;

    ClientGoneException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
