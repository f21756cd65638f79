package org.qsfs.fs.rows;

import java.io.IOException;

/** The index cannot be trusted any more and has to be built again: {@link RowStore#reset} before the start, by itself afterwards. */
public final class IndexDamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    IndexDamagedException(String message) {
        super(message);
    }

    IndexDamagedException(String message, Throwable cause) {
        super(message, cause);
    }
}
