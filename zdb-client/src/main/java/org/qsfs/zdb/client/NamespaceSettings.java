package org.qsfs.zdb.client;

import org.jspecify.annotations.Nullable;

/**
 * Properties of a namespace to create.
 *
 * @param maxBytes limit of the sum of live value lengths in bytes, 0 = none
 * @param password 1 to 63 bytes, or null for a namespace that everybody may write
 * @param publicRead whether the namespace can be read without the password
 */
public record NamespaceSettings(
        NamespaceMode mode, long maxBytes, @Nullable String password, boolean publicRead) {

    public NamespaceSettings {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes " + maxBytes + " is negative");
        }
    }

    /** A namespace without limit and password. */
    public static NamespaceSettings open(NamespaceMode mode) {
        return new NamespaceSettings(mode, 0, null, true);
    }
}
