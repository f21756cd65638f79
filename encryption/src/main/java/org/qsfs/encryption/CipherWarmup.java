package org.qsfs.encryption;

import java.time.Duration;

/**
 * Brings the JDK's AES-GCM and GMAC to full speed in the background: in a fresh JVM they run at a fiftieth of it until
 * the just-in-time compiler has replaced their inner methods, which it does by the number of calls, not of bytes.
 *
 * <p>One daemon thread works on random throw-away keys, and needs 1 MiB of heap. It ends when
 * several rounds in a row were fast, or after a limit of time, which is what happens on processors without AES
 * instructions.
 */
public final class CipherWarmup {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int ROUNDS_TO_BE_SURE = 5;
    private static final double FAST_BYTES_PER_NANOSECOND = 1.5;
    private static final int SHORT_MACS = 500;
    private static final int SHORT_BYTES = 256;
    private static final int PIECES = 8;
    private static final byte[] NO_DATA = {};

    private final byte[] plain = new byte[PIECES * AttemptKeys.PIECE_BYTES];
    private final byte[] sealed = new byte[AttemptKeys.sealedLength(plain.length)];
    private final byte[] mac = new byte[AttemptKeys.MAC_BYTES];

    private CipherWarmup() {}

    /** Starts warming and returns its thread, which nobody needs to wait for. */
    public static Thread start() {
        return Thread.ofPlatform().daemon().name("cipher-warmup").start(() -> new CipherWarmup().run());
    }

    private void run() {
        long end = System.nanoTime() + LIMIT.toNanos();
        int fastRounds = 0;
        while (fastRounds < ROUNDS_TO_BE_SURE && System.nanoTime() < end) {
            fastRounds = round() ? fastRounds + 1 : 0;
        }
    }

    /** Whether both the cipher and the MAC were fast. */
    private boolean round() {
        try (AttemptKeys keys = new AttemptKeys(AttemptId.random(), RawKey.random(), RawKey.random())) {
            for (int i = 0; i < SHORT_MACS; i++) {
                keys.shardMac(0, 0, plain, 0, SHORT_BYTES, mac, 0);
            }
            long start = System.nanoTime();
            keys.seal(0, NO_DATA, plain, 0, plain.length, sealed, 0);
            long between = System.nanoTime();
            keys.shardMac(0, 0, plain, 0, plain.length, mac, 0);
            long end = System.nanoTime();
            keys.open(0, NO_DATA, sealed, 0, sealed.length, plain, 0);
            return isFast(between - start) && isFast(end - between);
        } catch (AuthenticationFailedException e) {
            throw new IllegalStateException("AES-GCM of this JDK does not open what it sealed", e);
        }
    }

    private boolean isFast(long nanoseconds) {
        return plain.length > FAST_BYTES_PER_NANOSECOND * nanoseconds;
    }
}
