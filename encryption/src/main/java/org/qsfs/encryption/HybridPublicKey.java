package org.qsfs.encryption;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A public key to which keys can be wrapped, secure as long as X25519 or ML-KEM-1024 is. The private half is in a
 * {@link KeyFile}.
 *
 * <pre>
 * public key (format)
 * bytes  field
 * 32     X25519 public key (RFC 7748)
 * 1568   ML-KEM-1024 encapsulation key (FIPS 203)
 *
 * public key file (format): two lines of text
 * qsfs-public-key 1
 * the 1,600 bytes in Base64
 * </pre>
 */
public final class HybridPublicKey {
    static final int ML_KEM_BYTES = 1568;
    static final int BYTES = X25519.KEY_BYTES + ML_KEM_BYTES;

    private static final String FIRST_LINE = "qsfs-public-key 1";

    private final byte[] bytes;

    private HybridPublicKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws MalformedException unless there are 1,600 bytes */
    static HybridPublicKey of(byte[] bytes) throws MalformedException {
        if (bytes.length != BYTES) {
            throw new MalformedException("public key of " + bytes.length + " bytes; expected " + BYTES);
        }
        return new HybridPublicKey(bytes.clone());
    }

    static HybridPublicKey of(byte[] x25519, byte[] mlKem) {
        byte[] both = Arrays.copyOf(x25519, BYTES);
        System.arraycopy(mlKem, 0, both, X25519.KEY_BYTES, ML_KEM_BYTES);
        return new HybridPublicKey(both);
    }

    /**
     * Reads a public key file.
     *
     * @throws MalformedException if it is none
     */
    public static HybridPublicKey read(Path file) throws IOException, MalformedException {
        String line = KeyText.read(file, FIRST_LINE);
        try {
            return of(Base64.getDecoder().decode(line));
        } catch (IllegalArgumentException e) {
            throw new MalformedException(file + ": the second line is not Base64; expected a public key");
        }
    }

    /** Writes a public key file, which must not exist. */
    public void write(Path file) throws IOException {
        KeyText.create(file, FIRST_LINE, Base64.getEncoder().encodeToString(bytes), "rw-r--r--");
    }

    /** 16 hexadecimal digits by which people tell keys apart. */
    public String fingerprint() {
        return HexFormat.of().formatHex(sha256(), 0, 8);
    }

    byte[] toBytes() {
        return bytes.clone();
    }

    byte[] x25519() {
        return Arrays.copyOf(bytes, X25519.KEY_BYTES);
    }

    byte[] mlKem() {
        return Arrays.copyOfRange(bytes, X25519.KEY_BYTES, BYTES);
    }

    byte[] sha256() {
        return Sha256.of(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HybridPublicKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "HybridPublicKey[" + fingerprint() + "]";
    }
}
