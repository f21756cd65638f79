package org.qsfs.fs.offload;

import java.io.IOException;

/** A volume cannot be opened as asked; the message says what was found and what to do. */
public final class VolumeException extends IOException {
    private static final long serialVersionUID = 1L;

    public VolumeException(String message) {
        super(message);
    }

    public VolumeException(String message, Throwable cause) {
        super(message, cause);
    }
}
