package org.qsfs.zdb.server;

import java.io.IOException;
import org.qsfs.zdb.engine.Namespace;

/** One command on its way: who asks, with what, and where the reply goes. */
record Call(Connection connection, Session session, Request request, ReplyWriter reply) {
    Namespace namespace() {
        return session.namespace();
    }

    int count() {
        return request.count();
    }

    void error(String text) throws IOException {
        reply.error(text);
    }

    /** Whether there are so many arguments, the name included, and none is empty; if not, the reply says so. */
    boolean has(int count) throws IOException {
        if (request.count() != count) {
            error("Unexpected arguments");
            return false;
        }
        if (request.hasEmptyArgument()) {
            error("Invalid argument");
            return false;
        }
        return true;
    }

    /** Whether the client is admin; if not, the reply says so. */
    boolean isAdmin() throws IOException {
        if (!session.admin()) {
            error("Permission denied");
        }
        return session.admin();
    }

    /** Whether reading is allowed now; if not, the reply says so. */
    boolean isReadable() throws IOException {
        if (namespace().access() == Namespace.Access.FROZEN) {
            error("Namespace is temporarily frozen (read-write disabled)");
            return false;
        }
        return true;
    }
}
