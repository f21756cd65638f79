package org.qsfs.encryption;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of the JDK. */
final class Sha256 {
    static final int BYTES = 32;

    private Sha256() {}

    static byte[] of(byte[] bytes) {
        return of(bytes, bytes.length);
    }

    /** Of the first {@code length} bytes. */
    static byte[] of(byte[] bytes, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes, 0, length);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }
}
