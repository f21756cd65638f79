package org.qsfs.erasure;

/**
 * Arithmetic in GF(2^8) = GF(2)[x] / (x^8 + x^4 + x^3 + x^2 + 1), the polynomial 0x11D. Elements are ints 0..255;
 * addition is exclusive or.
 */
final class GaloisField {
    private static final int POLYNOMIAL = 0x11D;
    private static final int ORDER = 255;
    /** Powers of the generator 2, twice in a row so that a sum of two logarithms needs no modulo. */
    private static final int[] EXP = new int[2 * ORDER];

    private static final int[] LOG = new int[256];

    static {
        int power = 1;
        for (int i = 0; i < ORDER; i++) {
            EXP[i] = power;
            EXP[i + ORDER] = power;
            LOG[power] = i;
            power <<= 1;
            if (power > 0xFF) {
                power ^= POLYNOMIAL;
            }
        }
    }

    private GaloisField() {}

    static int multiply(int a, int b) {
        return a == 0 || b == 0 ? 0 : EXP[LOG[a] + LOG[b]];
    }

    /** Multiplicative inverse of {@code a}, which must not be 0. */
    static int inverse(int a) {
        if (a == 0) {
            throw new ArithmeticException("0 has no inverse in GF(2^8)");
        }
        return EXP[ORDER - LOG[a]];
    }

    /** {@code base} to the power {@code exponent}; 0 to the power 0 is 1. */
    static int power(int base, int exponent) {
        if (exponent == 0) {
            return 1;
        }
        return base == 0 ? 0 : EXP[LOG[base] * exponent % ORDER];
    }
}
