package org.qsfs.encryption;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a recipient; there is nothing secret in them.
 *
 * <pre>
 * recipient (format), integers big endian
 * bytes  field
 * 1      kind: 1 passphrase, 2 key file, 3 public key
 * 1      length of the name, 1–64
 * 1–64   name, UTF-8
 *        only kind 1:
 * 4        Argon2id memory in KiB
 * 1        Argon2id iterations
 * 1        Argon2id lanes
 * 16       Argon2id salt
 * 1600   public key, see HybridPublicKey
 * </pre>
 */
final class RecipientFormat {
    private static final int PASSPHRASE = 1;
    private static final int KEY_FILE = 2;
    private static final int PUBLIC_KEY = 3;

    private RecipientFormat() {}

    static void encode(Recipient recipient, ByteArrayOutputStream out) {
        byte[] name = recipient.name().getBytes(StandardCharsets.UTF_8);
        out.write(kind(recipient));
        out.write(name.length);
        out.writeBytes(name);
        if (recipient instanceof PassphraseRecipient passphrase) {
            Argon2Cost cost = passphrase.cost();
            out.writeBytes(ByteBuffer.allocate(6)
                    .putInt(cost.memoryKiB())
                    .put((byte) cost.iterations())
                    .put((byte) cost.lanes())
                    .array());
            out.writeBytes(passphrase.salt());
        }
        out.writeBytes(recipient.publicKey().toBytes());
    }

    static Recipient decode(HeaderReader in, Argon2Cost.Limits limits) throws MalformedException {
        int kind = in.unsignedByte("recipient kind");
        int nameLength = HeaderReader.checkCount(
                "recipient name length", in.unsignedByte("recipient name length"), 1, Recipient.MAX_NAME_BYTES);
        String name = name(in.bytes("recipient name", nameLength));
        return switch (kind) {
            case PASSPHRASE -> {
                Argon2Cost cost = limits.check(new Argon2Cost(
                        in.integer("Argon2id memory"),
                        in.unsignedByte("Argon2id iterations"),
                        in.unsignedByte("Argon2id lanes")));
                byte[] salt = in.bytes("Argon2id salt", Argon2Cost.SALT_BYTES);
                yield new PassphraseRecipient(name, publicKey(in), cost, salt);
            }
            case KEY_FILE -> new KeyFileRecipient(name, publicKey(in));
            case PUBLIC_KEY -> new PublicKeyRecipient(name, publicKey(in));
            default ->
                throw new MalformedException("volume header with a recipient of kind " + kind
                        + "; this program knows 1 (passphrase), 2 (key file) and 3 (public key)");
        };
    }

    private static int kind(Recipient recipient) {
        return switch (recipient) {
            case PassphraseRecipient passphrase -> PASSPHRASE;
            case KeyFileRecipient keyFile -> KEY_FILE;
            case PublicKeyRecipient publicKey -> PUBLIC_KEY;
        };
    }

    private static HybridPublicKey publicKey(HeaderReader in) throws MalformedException {
        return HybridPublicKey.of(in.bytes("public key", HybridPublicKey.BYTES));
    }

    private static String name(byte[] bytes) throws MalformedException {
        try {
            String name = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            Recipient.checkName(name);
            return name;
        } catch (CharacterCodingException | IllegalArgumentException e) {
            throw new MalformedException(
                    "volume header with a recipient name that is not UTF-8 text without control characters");
        }
    }
}
