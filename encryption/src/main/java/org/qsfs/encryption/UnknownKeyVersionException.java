package org.qsfs.encryption;

import java.io.Serial;

/**
 * Something was sealed under a version of the master key that these keys do not contain: the volume header in use is
 * older than the record, or the version was dropped.
 */
public final class UnknownKeyVersionException extends EncryptionException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int version;

    UnknownKeyVersionException(int version, String known) {
        super("master key version " + Integer.toUnsignedString(version) + " is not known (known: " + known
                + "); read the newest volume header");
        this.version = version;
    }

    /** The version that was asked for. */
    public int version() {
        return version;
    }
}
