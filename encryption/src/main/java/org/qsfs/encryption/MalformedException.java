package org.qsfs.encryption;

import java.io.Serial;

/** Bytes or text do not have the expected format, or a format version that this program does not know. */
public final class MalformedException extends EncryptionException {
    @Serial
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
        super(message);
    }
}
