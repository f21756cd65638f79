package org.qsfs.encryption;

import java.io.Serial;

/**
 * Sealed bytes do not match their authentication tag: they were changed, belong to another place, or were sealed under
 * another key. Nothing of them was returned.
 */
public final class AuthenticationFailedException extends EncryptionException {
    @Serial
    private static final long serialVersionUID = 1L;

    AuthenticationFailedException(String message) {
        super(message);
    }
}
