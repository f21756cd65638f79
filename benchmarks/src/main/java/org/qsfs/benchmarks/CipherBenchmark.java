package org.qsfs.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.qsfs.encryption.AttemptId;
import org.qsfs.encryption.AttemptKeys;
import org.qsfs.encryption.EncryptionException;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;

/**
 * Seals and opens stripes of 4 MiB, and authenticates shards of 256 KiB. An operation is one plain byte, so ops/ns are
 * GB/s, of one thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx384m")
public class CipherBenchmark {
    private static final int STRIPE = 4 << 20;
    private static final int SHARD = STRIPE / 16;
    private static final byte[] ASSOCIATED_DATA = new byte[64];

    private final VolumeKeys volume = VolumeKeys.generate(VolumeId.random());
    private final byte[] plain = new byte[STRIPE];
    private final byte[] sealed = new byte[AttemptKeys.sealedLength(STRIPE)];
    private final byte[] sealedOnce = new byte[AttemptKeys.sealedLength(STRIPE)];
    private final byte[] mac = new byte[AttemptKeys.MAC_BYTES];
    private AttemptKeys attempt = attempt();
    private int stripe;

    /** A stripe is sealed once in an attempt, so every iteration has its own. */
    @Setup(Level.Iteration)
    public void beginAttempt() {
        attempt.close();
        attempt = attempt();
        attempt.seal(0, ASSOCIATED_DATA, plain, 0, STRIPE, sealedOnce, 0);
        stripe = 1;
    }

    @Benchmark
    @OperationsPerInvocation(STRIPE)
    public int seal() {
        return attempt.seal(stripe++, ASSOCIATED_DATA, plain, 0, STRIPE, sealed, 0);
    }

    @Benchmark
    @OperationsPerInvocation(STRIPE)
    public int open() throws EncryptionException {
        return attempt.open(0, ASSOCIATED_DATA, sealedOnce, 0, sealedOnce.length, plain, 0);
    }

    @Benchmark
    @OperationsPerInvocation(SHARD)
    public byte[] shardMac() {
        attempt.shardMac(0, 0, plain, 0, SHARD, mac, 0);
        return mac;
    }

    private AttemptKeys attempt() {
        try {
            return volume.attempt(volume.currentVersion(), AttemptId.random(), (byte) 0, 1);
        } catch (EncryptionException e) {
            throw new IllegalStateException(e);
        }
    }
}
