package org.qsfs.encryption;

import java.security.SecureRandom;

/**
 * Identity of one try to store one segment: 16 random bytes, as text 32 lower-case hexadecimal digits. Not secret. Used in
 * one run of one process only, because stripe counters are nonces within an attempt.
 *
 * @param high the first 8 bytes, big endian
 * @param low the last 8 bytes, big endian
 */
public record AttemptId(long high, long low) {
    /** Length in bytes. */
    public static final int BYTES = Bytes16.LENGTH;

    /** A new identity. */
    public static AttemptId random() {
        SecureRandom random = new SecureRandom();
        return new AttemptId(random.nextLong(), random.nextLong());
    }

    /** @throws IllegalArgumentException unless there are 16 bytes */
    public static AttemptId of(byte[] bytes) {
        Bytes16.check("attempt id", bytes);
        return new AttemptId(Bytes16.high(bytes), Bytes16.low(bytes));
    }

    /** @throws MalformedException unless {@code text} is 32 hexadecimal digits */
    public static AttemptId parse(String text) throws MalformedException {
        return of(Bytes16.parse("attempt id", text));
    }

    /** The 16 bytes, a fresh array. */
    public byte[] toBytes() {
        return Bytes16.bytes(high, low);
    }

    /** 32 hexadecimal digits. */
    @Override
    public String toString() {
        return Bytes16.text(high, low);
    }
}
