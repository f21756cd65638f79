package org.qsfs.zdb;

import java.io.IOException;

/** The ready hook ended with a status other than 0, so the server does not serve. */
public final class ReadyHookException extends IOException {
    private static final long serialVersionUID = 1;

    public ReadyHookException(int status) {
        super("the ready hook ended with status " + status + "; the server does not start");
    }
}
