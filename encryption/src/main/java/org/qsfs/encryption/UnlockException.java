package org.qsfs.encryption;

import java.io.Serial;

/** A volume header does not open. {@link #reason()} says why. */
public final class UnlockException extends EncryptionException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    UnlockException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why the header does not open. */
    public Reason reason() {
        return reason;
    }

    /** Why a header does not open. */
    public enum Reason {
        /** The header has no recipient of the secret's kind. */
        NO_RECIPIENT,
        /** There are recipients of this kind, but this secret is none of theirs. */
        WRONG_SECRET,
        /** The secret is right, but the header is not what its writer sealed. */
        TAMPERED,
        /** The header belongs to another volume, or is not the one that the configuration pins. */
        OTHER_VOLUME
    }
}
