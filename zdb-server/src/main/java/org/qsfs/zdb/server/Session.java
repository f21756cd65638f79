package org.qsfs.zdb.server;

import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.Namespace;

/** What a connection may do, and where. Used by the connection's thread; the namespace is read by others. */
final class Session {
    private volatile Namespace namespace;
    private boolean writable;
    private boolean admin;
    private @Nullable String nonce;

    Session(Namespace namespace, boolean writable, boolean admin) {
        this.namespace = namespace;
        this.writable = writable;
        this.admin = admin;
    }

    Namespace namespace() {
        return namespace;
    }

    void select(Namespace selected, boolean mayWrite) {
        namespace = selected;
        writable = mayWrite;
    }

    boolean writable() {
        return writable;
    }

    boolean admin() {
        return admin;
    }

    void becomeAdmin() {
        admin = true;
    }

    @Nullable
    String nonce() {
        return nonce;
    }

    void nonce(@Nullable String challenge) {
        nonce = challenge;
    }
}
