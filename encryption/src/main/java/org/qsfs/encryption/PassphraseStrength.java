package org.qsfs.encryption;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Estimates how many bits a person's passphrase is worth, to refuse the worst: every character that does not repeat or
 * continue what stands before it counts for half the bits of a random one, since people choose words. Argon2id adds
 * what it costs to try each guess.
 */
final class PassphraseStrength {
    static final int NEEDED_BITS = 50;

    private PassphraseStrength() {}

    static void check(Passphrase passphrase) throws WeakPassphraseException {
        char[] text = passphrase.text();
        try {
            int bits = bits(text);
            if (bits < NEEDED_BITS) {
                throw new WeakPassphraseException(bits, NEEDED_BITS);
            }
        } finally {
            Arrays.fill(text, '\0');
        }
    }

    static int bits(char[] text) {
        Set<Integer> pairs = new HashSet<>();
        int surprises = 0;
        for (int i = 0; i < text.length; i++) {
            boolean continues = i > 0 && Math.abs(text[i] - text[i - 1]) <= 1;
            boolean repeats = i > 0 && !pairs.add(text[i - 1] << 16 | text[i]);
            if (!continues && !repeats) {
                surprises++;
            }
        }
        return (int) (surprises * Math.log(kindsOfCharacters(text)) / Math.log(2) / 2);
    }

    private static int kindsOfCharacters(char[] text) {
        boolean lower = false;
        boolean upper = false;
        boolean digit = false;
        boolean other = false;
        for (char c : text) {
            if (c >= 'a' && c <= 'z') {
                lower = true;
            } else if (c >= 'A' && c <= 'Z') {
                upper = true;
            } else if (c >= '0' && c <= '9') {
                digit = true;
            } else {
                other = true;
            }
        }
        return Math.max(1, (lower ? 26 : 0) + (upper ? 26 : 0) + (digit ? 10 : 0) + (other ? 33 : 0));
    }
}
