package org.qsfs.encryption;

import java.security.SecureRandom;
import java.util.Arrays;

/** Whoever knows a {@link Passphrase}. */
public final class PassphraseRecipient implements Recipient {
    private final String name;
    private final HybridPublicKey publicKey;
    private final Argon2Cost cost;
    private final byte[] salt;

    PassphraseRecipient(String name, HybridPublicKey publicKey, Argon2Cost cost, byte[] salt) {
        Recipient.checkName(name);
        this.name = name;
        this.publicKey = publicKey;
        this.cost = cost;
        this.salt = salt.clone();
    }

    static PassphraseRecipient create(String name, Passphrase passphrase, Argon2Cost cost) {
        byte[] salt = new byte[Argon2Cost.SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        try (HybridPrivateKey key = privateKey(passphrase, cost, salt)) {
            return new PassphraseRecipient(name, key.publicKey(), cost, salt);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public HybridPublicKey publicKey() {
        return publicKey;
    }

    Argon2Cost cost() {
        return cost;
    }

    byte[] salt() {
        return salt.clone();
    }

    /** The private key that a passphrase gives; whether it is the right one shows its public half. */
    HybridPrivateKey privateKey(Passphrase passphrase) {
        return privateKey(passphrase, cost, salt);
    }

    private static HybridPrivateKey privateKey(Passphrase passphrase, Argon2Cost cost, byte[] salt) {
        try (RawKey seed = passphrase.stretch(cost, salt)) {
            return HybridPrivateKey.from(seed);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PassphraseRecipient recipient
                && name.equals(recipient.name)
                && publicKey.equals(recipient.publicKey)
                && cost.equals(recipient.cost)
                && Arrays.equals(salt, recipient.salt);
    }

    @Override
    public int hashCode() {
        return publicKey.hashCode();
    }

    @Override
    public String toString() {
        return "PassphraseRecipient[" + name + ", " + publicKey + ", " + cost + "]";
    }
}
