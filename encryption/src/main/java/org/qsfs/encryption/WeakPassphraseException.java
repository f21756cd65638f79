package org.qsfs.encryption;

import java.io.Serial;

/** A passphrase is too easy to guess to protect a volume. */
public final class WeakPassphraseException extends EncryptionException {
    @Serial
    private static final long serialVersionUID = 1L;

    WeakPassphraseException(int bits, int neededBits) {
        super("the passphrase is too weak: about " + bits + " bits by a generous estimate, " + neededBits
                + " are needed; let one be generated, use more (unrelated) words, or use a key file");
    }
}
