package org.qsfs.encryption;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;

/** X25519 of the JDK (RFC 7748) on raw 32-byte keys. */
final class X25519 {
    static final int KEY_BYTES = 32;

    /** What DER encodings (RFC 8410) have before the raw key. */
    private static final byte[] PUBLIC_PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");

    private static final byte[] PRIVATE_PREFIX = HexFormat.of().parseHex("302e020100300506032b656e04220420");
    private static final byte[] BASE_POINT = basePoint();

    private X25519() {}

    static byte[] randomPrivateKey() {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        return key;
    }

    static byte[] publicKeyOf(byte[] privateKey) {
        try {
            return agree(privateKey, BASE_POINT);
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("the X25519 base point is refused by this JDK", e);
        }
    }

    /** @throws InvalidKeyException if the public key is a point of small order, which no honest party has */
    static byte[] agree(byte[] privateKey, byte[] publicKey) throws InvalidKeyException {
        byte[] encodedPrivate = concat(PRIVATE_PREFIX, privateKey);
        try {
            KeyFactory factory = KeyFactory.getInstance("X25519");
            KeyAgreement agreement = KeyAgreement.getInstance("X25519");
            agreement.init(factory.generatePrivate(new PKCS8EncodedKeySpec(encodedPrivate)));
            agreement.doPhase(factory.generatePublic(new X509EncodedKeySpec(concat(PUBLIC_PREFIX, publicKey))), true);
            return agreement.generateSecret();
        } catch (InvalidKeyException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no X25519", e);
        } finally {
            Arrays.fill(encodedPrivate, (byte) 0);
        }
    }

    private static byte[] concat(byte[] prefix, byte[] key) {
        byte[] both = Arrays.copyOf(prefix, prefix.length + key.length);
        System.arraycopy(key, 0, both, prefix.length, key.length);
        return both;
    }

    private static byte[] basePoint() {
        byte[] point = new byte[KEY_BYTES];
        point[0] = 9;
        return point;
    }
}
