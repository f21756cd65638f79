package org.qsfs.encryption;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.crypto.kems.MLKEMGenerator;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;

/**
 * A 32-byte key, wrapped to a {@link HybridPublicKey}.
 *
 * <pre>
 * wrapped key (format)
 * bytes  field
 * 32     ephemeral X25519 public key
 * 1568   ML-KEM-1024 ciphertext
 * 32     the key, AES-256-GCM under the wrapping key, nonce zero
 * 16     tag
 * </pre>
 *
 * <p>The wrapping key is HKDF-SHA-256 of both shared secrets, X25519's first, with label {@code qsfs wrap} and as
 * context: what the caller gives, SHA-256 of the recipient's public key, SHA-256 of the first two fields. So it is
 * bound to everything that went into it, and safe while one of the two exchanges is.
 */
final class WrappedKey {
    static final int CIPHERTEXT_BYTES = 1568;
    private static final int EXCHANGE_BYTES = X25519.KEY_BYTES + CIPHERTEXT_BYTES;
    static final int BYTES = EXCHANGE_BYTES + RawKey.BYTES + Gcm.TAG_BYTES;

    private static final byte[] NO_SALT = {};

    private WrappedKey() {}

    static byte[] wrap(RawKey key, HybridPublicKey recipient, byte[] context) {
        byte[] ephemeral = X25519.randomPrivateKey();
        SecretWithEncapsulation encapsulation = new MLKEMGenerator(new SecureRandom())
                .generateEncapsulated(new MLKEMPublicKeyParameters(MLKEMParameters.ml_kem_1024, recipient.mlKem()));
        byte[] exchange = ByteBuffer.allocate(EXCHANGE_BYTES)
                .put(X25519.publicKeyOf(ephemeral))
                .put(encapsulation.getEncapsulation())
                .array();
        byte[] plain = key.getEncoded();
        try (RawKey wrapping = wrappingKey(
                X25519.agree(ephemeral, recipient.x25519()), encapsulation.getSecret(), recipient, exchange, context)) {
            Cipher cipher = Gcm.cipher();
            Gcm.start(cipher, Cipher.ENCRYPT_MODE, wrapping, new byte[Gcm.NONCE_BYTES]);
            byte[] wrapped = Arrays.copyOf(exchange, BYTES);
            cipher.doFinal(plain, 0, plain.length, wrapped, EXCHANGE_BYTES);
            return wrapped;
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException(recipient + " is not a usable public key", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("wrapping a key failed", e);
        } finally {
            Arrays.fill(plain, (byte) 0);
            Arrays.fill(ephemeral, (byte) 0);
        }
    }

    /** @throws AuthenticationFailedException if these bytes are not a key wrapped to this recipient in this context */
    static RawKey unwrap(byte[] wrapped, HybridPrivateKey recipient, byte[] context)
            throws AuthenticationFailedException {
        byte[] exchange = Arrays.copyOf(wrapped, EXCHANGE_BYTES);
        try (RawKey wrapping = wrappingKey(
                recipient.agree(Arrays.copyOf(exchange, X25519.KEY_BYTES)),
                recipient.decapsulate(Arrays.copyOfRange(exchange, X25519.KEY_BYTES, EXCHANGE_BYTES)),
                recipient.publicKey(),
                exchange,
                context)) {
            Cipher cipher = Gcm.cipher();
            Gcm.start(cipher, Cipher.DECRYPT_MODE, wrapping, new byte[Gcm.NONCE_BYTES]);
            return RawKey.owning(cipher.doFinal(wrapped, EXCHANGE_BYTES, wrapped.length - EXCHANGE_BYTES));
        } catch (AEADBadTagException | InvalidKeyException e) {
            throw new AuthenticationFailedException("the key wrapped for " + recipient.publicKey() + " was changed");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("unwrapping a key failed", e);
        }
    }

    private static RawKey wrappingKey(
            byte[] x25519Secret, byte[] mlKemSecret, HybridPublicKey recipient, byte[] exchange, byte[] context) {
        byte[] secrets = Arrays.copyOf(x25519Secret, x25519Secret.length + mlKemSecret.length);
        System.arraycopy(mlKemSecret, 0, secrets, x25519Secret.length, mlKemSecret.length);
        Arrays.fill(x25519Secret, (byte) 0);
        Arrays.fill(mlKemSecret, (byte) 0);
        return Derivation.labelled("qsfs wrap")
                .with(context)
                .with(recipient.sha256())
                .with(Sha256.of(exchange))
                .keyAndWipe(secrets, NO_SALT);
    }
}
