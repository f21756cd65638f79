package org.qsfs.encryption;

import java.io.ByteArrayOutputStream;

/**
 * A recipient in a header, with the header key wrapped for it.
 *
 * <pre>
 * wrapped recipient (format)
 * bytes  field
 * …      recipient, see RecipientFormat
 * 1648   header key, see WrappedKey
 * </pre>
 */
final class WrappedRecipient {
    static final int MAX_BYTES = 2 + Recipient.MAX_NAME_BYTES + 22 + HybridPublicKey.BYTES + WrappedKey.BYTES;

    private final Recipient recipient;
    private final byte[] wrappedKey;

    /** Takes over {@code wrappedKey}. */
    WrappedRecipient(Recipient recipient, byte[] wrappedKey) {
        this.recipient = recipient;
        this.wrappedKey = wrappedKey;
    }

    Recipient recipient() {
        return recipient;
    }

    /** @throws AuthenticationFailedException if the wrapped key was changed */
    RawKey unwrap(HybridPrivateKey privateKey, byte[] context) throws AuthenticationFailedException {
        return WrappedKey.unwrap(wrappedKey, privateKey, context);
    }

    void encode(ByteArrayOutputStream out) {
        RecipientFormat.encode(recipient, out);
        out.writeBytes(wrappedKey);
    }

    static WrappedRecipient decode(HeaderReader in, Argon2Cost.Limits limits) throws MalformedException {
        Recipient recipient = RecipientFormat.decode(in, limits);
        return new WrappedRecipient(recipient, in.bytes("wrapped key", WrappedKey.BYTES));
    }
}
