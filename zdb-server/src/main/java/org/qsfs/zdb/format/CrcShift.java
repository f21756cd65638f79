package org.qsfs.zdb.format;

/**
 * What a fixed number of bytes behind a message does to its {@link ZdbCrc}: {@code of(A|B) = apply(of(A)) ^ of(B)} for any B of that length. So the checksums of parts, each
 * read once, give that of the whole. A CRC with initial value 0 is a remainder modulo a polynomial over GF(2); n bytes more multiply it by x^8n. Safe for many threads.
 */
public final class CrcShift {
    /** CRC-32C, bit 31 is x^0. */
    private static final int POLYNOMIAL = 0x82F63B78;

    private static final int ONE = 1 << 31;
    private static final int X = 1 << 30;
    /** x^(8 * 2^k) at k. */
    private static final int[] POWERS = powers();

    /** The product for each value of each byte. */
    private final int[][] products = new int[4][256];

    /** @param bytes not negative */
    public CrcShift(int bytes) {
        int factor = factor(bytes);
        for (int at = 0; at < 4; at++) {
            for (int value = 0; value < 256; value++) {
                products[at][value] = product(factor, value << (8 * at));
            }
        }
    }

    public int apply(int crc) {
        return products[0][crc & 0xff]
                ^ products[1][(crc >>> 8) & 0xff]
                ^ products[2][(crc >>> 16) & 0xff]
                ^ products[3][crc >>> 24];
    }

    /** The same for a length that does not occur often enough for a table. */
    public static int apply(int crc, int bytes) {
        return product(factor(bytes), crc);
    }

    private static int[] powers() {
        int[] powers = new int[31];
        int power = X;
        for (int i = 0; i < 3; i++) {
            power = product(power, power);
        }
        for (int k = 0; k < powers.length; k++) {
            powers[k] = power;
            power = product(power, power);
        }
        return powers;
    }

    private static int factor(int bytes) {
        int factor = ONE;
        for (int k = 0; bytes >>> k != 0; k++) {
            if (((bytes >>> k) & 1) != 0) {
                factor = product(factor, POWERS[k]);
            }
        }
        return factor;
    }

    private static int product(int a, int b) {
        int product = 0;
        int shifted = b;
        for (int bit = ONE; bit != 0; bit >>>= 1) {
            if ((a & bit) != 0) {
                product ^= shifted;
            }
            shifted = (shifted & 1) != 0 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
        }
        return product;
    }
}
