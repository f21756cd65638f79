package org.qsfs.stor.zstor;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.io.CipherInputStream;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * zstor's AES-256-GCM: {@code nonce (12) || ciphertext || tag (16)}, no associated data.
 *
 * <p>The JDK's cipher keeps a whole message in memory before it gives any of it away; an object may be of gigabytes, so Bouncy Castle's is used, which is slower.
 */
final class ZstorCipher {
    static final int NONCE_BYTES = 12;
    static final int TAG_BYTES = 16;
    static final int OVERHEAD = NONCE_BYTES + TAG_BYTES;

    private ZstorCipher() {}

    /** @throws InvalidCipherTextException when the key is another one, or the bytes were changed */
    static byte[] decrypt(byte[] key, byte[] sealed) throws InvalidCipherTextException {
        if (sealed.length < OVERHEAD) {
            throw new InvalidCipherTextException(
                    "of " + sealed.length + " bytes, at least " + OVERHEAD + " are needed");
        }
        GCMModeCipher cipher = cipher(key, Arrays.copyOf(sealed, NONCE_BYTES));
        byte[] plain = new byte[cipher.getOutputSize(sealed.length - NONCE_BYTES)];
        int length = cipher.processBytes(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES, plain, 0);
        length += cipher.doFinal(plain, length);
        return length == plain.length ? plain : Arrays.copyOf(plain, length);
    }

    /**
     * Decrypts while it is read. What was read may be used only after the end was reached without an exception: a wrong tag is found last.
     *
     * @param sealed from its first byte
     */
    static InputStream decrypting(byte[] key, InputStream sealed) throws IOException {
        byte[] nonce = sealed.readNBytes(NONCE_BYTES);
        if (nonce.length < NONCE_BYTES) {
            throw new ZstorException(
                    "an encrypted object of " + nonce.length + " bytes, at least " + OVERHEAD + " are needed");
        }
        return new CipherInputStream(sealed, cipher(key, nonce));
    }

    private static GCMModeCipher cipher(byte[] key, byte[] nonce) {
        GCMModeCipher cipher = GCMBlockCipher.newInstance(AESEngine.newInstance());
        cipher.init(false, new AEADParameters(new KeyParameter(key), TAG_BYTES * Byte.SIZE, nonce));
        return cipher;
    }
}
