package org.qsfs.encryption;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;

/**
 * Seals whole records of one purpose: catalog records, the head, whatever belongs to a volume and is small.
 *
 * <pre>
 * sealed record (format)
 * offset  bytes  field
 * 0       1      format version, 1
 * 1       4      master key version, big endian
 * 5       32     salt, random
 * 37      …      ciphertext, AES-256-GCM
 * end−16  16     tag
 * </pre>
 *
 * <p>The key is HKDF-SHA-256 of the master key with the salt, the label, and the volume id, so every record has its own
 * key and the nonce is zero. Associated data: the first 37 bytes, then what the caller gives.
 *
 * <p>New records are sealed under the current master key version at that moment. Thread-safe; works as long as the
 * {@link VolumeKeys} it came from are open.
 */
public final class Sealer {
    private static final byte FORMAT_VERSION = 1;
    private static final int SALT_BYTES = 32;
    private static final int SALT_OFFSET = 5;
    private static final int PREFIX_BYTES = SALT_OFFSET + SALT_BYTES;

    /** Bytes by which a record grows. */
    public static final int OVERHEAD_BYTES = PREFIX_BYTES + Gcm.TAG_BYTES;

    private final VolumeKeys keys;
    private final String label;
    private final SecureRandom random = new SecureRandom();

    Sealer(VolumeKeys keys, String label) {
        this.keys = keys;
        this.label = label;
    }

    /**
     * Seals a record.
     *
     * @param associatedData authenticated, not stored: for example the key under which the record is kept
     */
    public byte[] seal(byte[] associatedData, byte[] plain) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        VolumeKeys.CurrentKey current = keys.current();
        byte[] sealed = ByteBuffer.allocate(Math.addExact(plain.length, OVERHEAD_BYTES))
                .put(FORMAT_VERSION)
                .putInt(current.version())
                .put(salt)
                .array();
        try (RawKey key = recordKey(current.key(), salt)) {
            Cipher cipher = start(Cipher.ENCRYPT_MODE, key, sealed, associatedData);
            cipher.doFinal(plain, 0, plain.length, sealed, PREFIX_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing a " + label + " record failed", e);
        }
        return sealed;
    }

    /**
     * Opens a record.
     *
     * @throws MalformedException if the bytes are no sealed record, or one of an unknown format version
     * @throws UnknownKeyVersionException if the master key version is not among the volume's
     * @throws AuthenticationFailedException if anything differs from what was sealed
     */
    public byte[] open(byte[] associatedData, byte[] sealed)
            throws MalformedException, UnknownKeyVersionException, AuthenticationFailedException {
        int version = keyVersion(sealed);
        byte[] salt = Arrays.copyOfRange(sealed, SALT_OFFSET, PREFIX_BYTES);
        try (RawKey key = recordKey(keys.master(version), salt)) {
            Cipher cipher = start(Cipher.DECRYPT_MODE, key, sealed, associatedData);
            return cipher.doFinal(sealed, PREFIX_BYTES, sealed.length - PREFIX_BYTES);
        } catch (AEADBadTagException e) {
            throw new AuthenticationFailedException("a " + label + " record of " + sealed.length + " bytes does not"
                    + " match its tag: it was changed, belongs elsewhere, or to another volume");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("opening a " + label + " record failed", e);
        }
    }

    /**
     * The master key version under which a record is sealed; nothing is authenticated.
     *
     * @throws MalformedException if the bytes are no sealed record, or one of an unknown format version
     */
    public static int keyVersion(byte[] sealed) throws MalformedException {
        if (sealed.length > 0 && sealed[0] != FORMAT_VERSION) {
            throw new MalformedException(
                    "sealed record of format version " + (sealed[0] & 0xFF) + "; this program knows " + FORMAT_VERSION);
        }
        if (sealed.length < OVERHEAD_BYTES) {
            throw new MalformedException(
                    "sealed record of " + sealed.length + " bytes; expected at least " + OVERHEAD_BYTES);
        }
        return ByteBuffer.wrap(sealed).getInt(1);
    }

    private RawKey recordKey(RawKey master, byte[] salt) {
        return Derivation.labelled("qsfs record " + label)
                .with(keys.volume().toBytes())
                .key(master, salt);
    }

    private static Cipher start(int mode, RawKey key, byte[] sealed, byte[] associatedData)
            throws GeneralSecurityException {
        Cipher cipher = Gcm.cipher();
        Gcm.start(cipher, mode, key, new byte[Gcm.NONCE_BYTES]);
        cipher.updateAAD(sealed, 0, PREFIX_BYTES);
        cipher.updateAAD(associatedData);
        return cipher;
    }
}
