package org.qsfs.encryption;

import java.security.InvalidKeyException;
import java.util.Arrays;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;

/**
 * The private half of a {@link HybridPublicKey}, derived from 32 secret bytes: HKDF-SHA-256 with the label
 * {@code qsfs recipient x25519} gives the X25519 key, {@code qsfs recipient ml-kem-1024 d} and {@code … z} give the two
 * seeds of ML-KEM (FIPS 203).
 */
final class HybridPrivateKey implements AutoCloseable {
    private static final byte[] NO_SALT = {};

    private final byte[] x25519;
    private final MLKEMPrivateKeyParameters mlKem;
    private final HybridPublicKey publicKey;

    private HybridPrivateKey(byte[] x25519, MLKEMPrivateKeyParameters mlKem) {
        this.x25519 = x25519;
        this.mlKem = mlKem;
        this.publicKey = HybridPublicKey.of(
                X25519.publicKeyOf(x25519), mlKem.getPublicKeyParameters().getEncoded());
    }

    static HybridPrivateKey from(RawKey seed) {
        byte[] mlKemSeed = Arrays.copyOf(derive(seed, "qsfs recipient ml-kem-1024 d"), 2 * RawKey.BYTES);
        byte[] z = derive(seed, "qsfs recipient ml-kem-1024 z");
        System.arraycopy(z, 0, mlKemSeed, RawKey.BYTES, RawKey.BYTES);
        try {
            return new HybridPrivateKey(
                    derive(seed, "qsfs recipient x25519"),
                    new MLKEMPrivateKeyParameters(MLKEMParameters.ml_kem_1024, mlKemSeed));
        } finally {
            Arrays.fill(z, (byte) 0);
            Arrays.fill(mlKemSeed, (byte) 0);
        }
    }

    HybridPublicKey publicKey() {
        return publicKey;
    }

    /** @throws InvalidKeyException if no honest party has such a public key */
    byte[] agree(byte[] x25519PublicKey) throws InvalidKeyException {
        return X25519.agree(x25519, x25519PublicKey);
    }

    /** A wrong ciphertext gives a wrong secret, no error (implicit rejection). */
    byte[] decapsulate(byte[] ciphertext) {
        return new MLKEMExtractor(mlKem).extractSecret(ciphertext);
    }

    @Override
    public void close() {
        Arrays.fill(x25519, (byte) 0);
        mlKem.destroy();
    }

    private static byte[] derive(RawKey seed, String label) {
        try (RawKey key = Derivation.labelled(label).key(seed, NO_SALT)) {
            return key.getEncoded();
        }
    }
}
