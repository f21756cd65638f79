package org.qsfs.fuse;

import java.io.IOException;

/** A mount or unmount that did not happen; the message says what was found and what to do. */
public final class MountException extends IOException {
    private static final long serialVersionUID = 1L;

    public MountException(String message) {
        super(message);
    }

    public MountException(String message, Throwable cause) {
        super(message, cause);
    }
}
