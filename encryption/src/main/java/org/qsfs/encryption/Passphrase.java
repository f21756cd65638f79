package org.qsfs.encryption;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Arrays;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;

/**
 * Secret text. Unicode is normalised to NFC, so it does not matter which keyboard it was typed on.
 *
 * <p>{@link #generate} makes one of 138 random bits, 7 groups of 4 characters; that is what a volume should have.
 */
public final class Passphrase implements Secret {
    /** Lower case and digits without those that look like others. */
    private static final String ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";

    private static final int GROUPS = 7;
    private static final int GROUP_LENGTH = 4;

    private final char[] text;
    private boolean wiped;

    private Passphrase(char[] text) {
        this.text = text;
    }

    /** Copies {@code text}, which the caller may then wipe. Not checked for strength: it may be there to unlock. */
    public static Passphrase of(char[] text) {
        CharBuffer chars = CharBuffer.wrap(text);
        boolean normal = Normalizer.isNormalized(chars, Normalizer.Form.NFC);
        return new Passphrase(
                normal
                        ? text.clone()
                        : Normalizer.normalize(chars, Normalizer.Form.NFC).toCharArray());
    }

    /** A new random passphrase; show {@link #text} to its owner once. */
    public static Passphrase generate() {
        SecureRandom random = new SecureRandom();
        CharBuffer text = CharBuffer.allocate(GROUPS * (GROUP_LENGTH + 1) - 1);
        for (int i = 0; text.hasRemaining(); i++) {
            boolean separator = i % (GROUP_LENGTH + 1) == GROUP_LENGTH;
            text.put(separator ? '-' : ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return new Passphrase(text.array());
    }

    /** The text, a copy that the caller wipes. */
    public synchronized char[] text() {
        if (wiped) {
            throw new IllegalStateException("the passphrase was closed");
        }
        return text.clone();
    }

    /** The seed of a {@link HybridPrivateKey}. Takes as much memory as the parameters say, and about a second. */
    RawKey stretch(Argon2Cost cost, byte[] salt) {
        cost.checkHeap(Runtime.getRuntime().maxMemory());
        char[] chars = text();
        ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(chars));
        byte[] password = new byte[encoded.remaining()];
        encoded.get(password);
        try {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(cost.parameters(salt));
            byte[] seed = new byte[RawKey.BYTES];
            generator.generateBytes(password, seed);
            return RawKey.owning(seed);
        } finally {
            Arrays.fill(chars, '\0');
            encoded.clear().put(new byte[encoded.capacity()]);
            Arrays.fill(password, (byte) 0);
        }
    }

    @Override
    public synchronized void close() {
        Arrays.fill(text, '\0');
        wiped = true;
    }

    /** Never shows the text. */
    @Override
    public String toString() {
        return "Passphrase";
    }
}
