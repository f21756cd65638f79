package org.qsfs.encryption;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/** AES-256-GCM of the JDK. A {@link Cipher} belongs to one call, so threads share nothing. */
final class Gcm {
    static final int TAG_BYTES = 16;
    static final int NONCE_BYTES = 12;

    private Gcm() {}

    static Cipher cipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no AES-GCM", e);
        }
    }

    static void start(Cipher cipher, int mode, RawKey key, byte[] nonce) throws GeneralSecurityException {
        cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
    }
}
