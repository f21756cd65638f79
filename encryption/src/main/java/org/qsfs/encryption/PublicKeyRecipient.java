package org.qsfs.encryption;

/** Whoever has the {@link KeyFile} to a public key; whoever added it did not need to. */
public record PublicKeyRecipient(String name, HybridPublicKey publicKey) implements Recipient {
    /** @throws IllegalArgumentException if the name is empty, too long, or has control characters */
    public PublicKeyRecipient {
        Recipient.checkName(name);
    }
}
