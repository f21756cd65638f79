package org.qsfs.encryption;

import java.io.Serial;

/**
 * Bytes from outside, or a secret, are not what they must be. Messages name what was found and expected and never
 * contain key material.
 */
public abstract sealed class EncryptionException extends Exception
        permits AuthenticationFailedException,
                UnknownKeyVersionException,
                MalformedException,
                UnlockException,
                WeakPassphraseException {
    @Serial
    private static final long serialVersionUID = 1L;

    EncryptionException(String message) {
        super(message);
    }
}
