package org.qsfs.zdb.format;

import java.io.IOException;

/** A file is not what it should be: wrong magic, version or number, or a length that cannot be. The message names the file, what was found and what was expected. */
public final class FormatException extends IOException {
    private static final long serialVersionUID = 1;

    public FormatException(String message) {
        super(message);
    }
}
