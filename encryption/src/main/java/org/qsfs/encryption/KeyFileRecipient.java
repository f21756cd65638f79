package org.qsfs.encryption;

/** Whoever has a {@link KeyFile}, added by its owner. */
public record KeyFileRecipient(String name, HybridPublicKey publicKey) implements Recipient {
    /** @throws IllegalArgumentException if the name is empty, too long, or has control characters */
    public KeyFileRecipient {
        Recipient.checkName(name);
    }
}
