package org.qsfs.zdb.server;

import java.io.IOException;

/** The client sent something that is no request. It gets the message as an error reply, and the connection is closed. */
final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1;

    ProtocolException(String reply) {
        super(reply);
    }

    String reply() {
        return String.valueOf(getMessage());
    }
}
