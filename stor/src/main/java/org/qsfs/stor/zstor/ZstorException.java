package org.qsfs.stor.zstor;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Something that zstor wrote cannot be read. The message names it, what was found and what was expected. */
public final class ZstorException extends IOException {
    private static final long serialVersionUID = 1;

    public ZstorException(String message) {
        super(message);
    }

    public ZstorException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
