package org.qsfs.zdb.server;

import java.io.IOException;

/** Others hold the memory for values for too long: the connection is closed, since its request was neither done nor wrong. */
final class NoMemoryException extends IOException {
    private static final long serialVersionUID = 1;

    NoMemoryException(String message) {
        super(message);
    }
}
