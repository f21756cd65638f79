package org.qsfs.encryption;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * Key derivation by HKDF-SHA-256 (RFC 5869). The info string starts with a label, so a key of one purpose never equals
 * one of another.
 *
 * <pre>
 * info (format)
 * bytes  field
 * 1      length of the label
 * 0–255  label, UTF-8
 * 1      format version, 1
 * …      context of the label, of fixed length
 * </pre>
 */
final class Derivation {
    private static final int FORMAT_VERSION = 1;

    private final ByteArrayOutputStream info = new ByteArrayOutputStream();

    private Derivation(String label) {
        byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 255) {
            throw new IllegalArgumentException("key label of " + bytes.length + " bytes; expected at most 255");
        }
        info.write(bytes.length);
        info.writeBytes(bytes);
        info.write(FORMAT_VERSION);
    }

    static Derivation labelled(String label) {
        return new Derivation(label);
    }

    Derivation with(byte[] context) {
        info.writeBytes(context);
        return this;
    }

    Derivation with(byte context) {
        info.write(context);
        return this;
    }

    Derivation with(int context) {
        return with(ByteBuffer.allocate(Integer.BYTES).putInt(context).array());
    }

    Derivation with(long context) {
        return with(ByteBuffer.allocate(Long.BYTES).putLong(context).array());
    }

    RawKey key(RawKey master, byte[] salt) {
        return keyAndWipe(master.getEncoded(), salt);
    }

    /** As {@link #key}; wipes {@code input}. */
    RawKey keyAndWipe(byte[] input, byte[] salt) {
        try {
            return RawKey.owning(hkdf(input, salt, info.toByteArray(), RawKey.BYTES));
        } finally {
            Arrays.fill(input, (byte) 0);
        }
    }

    static byte[] hkdf(byte[] input, byte[] salt, byte[] info, int length) {
        try {
            HKDFParameterSpec parameters =
                    HKDFParameterSpec.ofExtract().addIKM(input).addSalt(salt).thenExpand(info, length);
            return KDF.getInstance("HKDF-SHA256").deriveData(parameters);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no HKDF-SHA256", e);
        }
    }
}
