package org.qsfs.encryption;

import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * What one guess at a passphrase costs: Argon2id version 1.3 (RFC 9106).
 *
 * @param memoryKiB memory in KiB; held on the Java heap while a passphrase is tried
 * @param iterations passes over the memory
 * @param lanes lanes, computed one after the other here
 */
record Argon2Cost(int memoryKiB, int iterations, int lanes) {
    static final int SALT_BYTES = 16;

    /** Of new passphrases. */
    static final Argon2Cost STANDARD = new Argon2Cost(256 << 10, 3, 4);

    Argon2Parameters parameters(byte[] salt) {
        return new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memoryKiB)
                .withIterations(iterations)
                .withParallelism(lanes)
                .withSalt(salt)
                .build();
    }

    /**
     * Fails early instead of by an {@link OutOfMemoryError}.
     *
     * @param maxHeap bytes
     * @throws IllegalStateException if so much memory never fits the heap
     */
    void checkHeap(long maxHeap) {
        long needed = (long) memoryKiB << 10;
        if (maxHeap < needed + needed / 10) {
            throw new IllegalStateException(
                    "this passphrase needs " + (needed >> 20) + " MiB of heap, the JVM has at most " + (maxHeap >> 20)
                            + "; start it with -Xmx" + ((needed + needed / 2) >> 20) + "m");
        }
    }

    /**
     * What is accepted from a header that somebody else may have written: not so little that it gives the passphrase
     * away, not so much that it stops this machine.
     */
    record Limits(int minMemoryKiB, int maxMemoryKiB, int minIterations, int maxIterations, int maxLanes) {
        static final Limits STANDARD = new Limits(256 << 10, 1 << 20, 3, 10, 16);

        Argon2Cost check(Argon2Cost cost) throws MalformedException {
            if (cost.memoryKiB < minMemoryKiB
                    || cost.memoryKiB > maxMemoryKiB
                    || cost.iterations < minIterations
                    || cost.iterations > maxIterations
                    || cost.lanes < 1
                    || cost.lanes > maxLanes) {
                throw new MalformedException("Argon2id with " + Integer.toUnsignedString(cost.memoryKiB) + " KiB, "
                        + cost.iterations + " iterations and " + cost.lanes + " lanes; expected " + minMemoryKiB
                        + " to " + maxMemoryKiB + " KiB, " + minIterations + " to " + maxIterations
                        + " iterations and 1 to " + maxLanes + " lanes");
            }
            return cost;
        }
    }
}
