package org.qsfs.encryption;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Somebody who can unlock a volume: a name and a public key. The private half is derived from a passphrase, or is in a
 * key file. Because a header keeps public keys only, keys can be rotated and recipients changed without asking all
 * others for their secrets. Immutable.
 */
public sealed interface Recipient permits PassphraseRecipient, KeyFileRecipient, PublicKeyRecipient {
    /** Longest name, in bytes of UTF-8. */
    int MAX_NAME_BYTES = 64;

    /** What people call this recipient; unique in a header. */
    String name();

    /** To which keys are wrapped. */
    HybridPublicKey publicKey();

    /**
     * Whoever knows a passphrase. Takes about a second and 256 MiB of heap.
     *
     * @throws WeakPassphraseException if it is easy to guess
     */
    static PassphraseRecipient passphrase(String name, Passphrase passphrase) throws WeakPassphraseException {
        PassphraseStrength.check(passphrase);
        return PassphraseRecipient.create(name, passphrase, Argon2Cost.STANDARD);
    }

    /** Whoever has a key file. */
    static KeyFileRecipient keyFile(String name, KeyFile keyFile) {
        return new KeyFileRecipient(name, keyFile.publicKey());
    }

    /** Whoever has the key file of which this is the public half. */
    static PublicKeyRecipient publicKey(String name, HybridPublicKey publicKey) {
        return new PublicKeyRecipient(name, publicKey);
    }

    /** The bytes of a recipient, for a program that adds it to a header; there is nothing secret in them. */
    default byte[] encode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RecipientFormat.encode(this, out);
        return out.toByteArray();
    }

    /** @throws MalformedException when these are not the bytes of one recipient */
    static Recipient decode(byte[] bytes) throws MalformedException {
        HeaderReader in = new HeaderReader(bytes);
        Recipient recipient = RecipientFormat.decode(in, Argon2Cost.Limits.STANDARD);
        if (in.remaining() > 0) {
            throw new MalformedException("recipient with " + in.remaining() + " bytes behind it");
        }
        return recipient;
    }

    /** @throws IllegalArgumentException unless a name has 1 to 64 bytes and no control characters */
    static void checkName(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < 1 || bytes > MAX_NAME_BYTES || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("recipient name of " + bytes + " bytes; expected 1 to " + MAX_NAME_BYTES
                    + " without control characters");
        }
    }
}
