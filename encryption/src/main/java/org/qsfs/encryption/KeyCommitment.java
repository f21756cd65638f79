package org.qsfs.encryption;

import java.util.HexFormat;
import java.util.Locale;

/**
 * 32 bytes that stand for a volume's root key without revealing it, as 64 hexadecimal digits. The same in every
 * generation of the volume's header; a configuration pins it, so that no other volume's header is ever accepted.
 *
 * @param text 64 lower-case hexadecimal digits
 */
public record KeyCommitment(String text) {
    static final int BYTES = 32;

    /** @throws IllegalArgumentException unless {@code text} is 64 lower-case hexadecimal digits */
    public KeyCommitment {
        if (!isHex(text) || !text.equals(text.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("key commitment must be 64 lower-case hexadecimal digits");
        }
    }

    /** @throws MalformedException unless {@code text} is 64 hexadecimal digits */
    public static KeyCommitment parse(String text) throws MalformedException {
        if (!isHex(text)) {
            throw new MalformedException("key commitment of " + text.length()
                    + " characters; expected 64 hexadecimal digits, as `qsfs key list` shows them");
        }
        return new KeyCommitment(text.toLowerCase(Locale.ROOT));
    }

    static KeyCommitment of(VolumeKeys keys) {
        try (RawKey commitment = keys.rootKey("qsfs header commitment")) {
            return of(commitment.getEncoded());
        }
    }

    static KeyCommitment of(byte[] bytes) {
        return new KeyCommitment(HexFormat.of().formatHex(bytes));
    }

    byte[] toBytes() {
        return HexFormat.of().parseHex(text);
    }

    /** The text. */
    @Override
    public String toString() {
        return text;
    }

    private static boolean isHex(String text) {
        return text.length() == 2 * BYTES && text.chars().allMatch(HexFormat::isHexDigit);
    }
}
