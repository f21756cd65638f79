package org.qsfs.benchmarks;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.qsfs.erasure.Kernel;
import org.qsfs.erasure.ReedSolomon;
import org.qsfs.erasure.ScalarKernel;

/**
 * Codes a stripe of 4 MiB with 16 data and 4 parity shards. An operation is one plain byte, so ops/ns are GB/s of data,
 * of one thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-Xmx384m"})
public class ReedSolomonBenchmark {
    private static final int STRIPE = 4 << 20;
    private static final int DATA = 16;
    private static final int PARITY = 4;
    private static final int SHARD = STRIPE / DATA;

    private final ReedSolomon fast = ReedSolomon.of(DATA, PARITY, Kernel.best());
    private final ReedSolomon scalar = ReedSolomon.of(DATA, PARITY, new ScalarKernel());
    private final byte[][] shards = new byte[DATA + PARITY][SHARD];
    private final boolean[] dataLost = new boolean[DATA + PARITY];
    private final boolean[] oneLost = new boolean[DATA + PARITY];

    /** Random shards of which the first four, or the first, count as lost. */
    public ReedSolomonBenchmark() {
        Random random = new Random(1);
        for (byte[] shard : shards) {
            random.nextBytes(shard);
        }
        fast.encode(shards, 0, SHARD);
        Arrays.fill(dataLost, PARITY, DATA + PARITY, true);
        Arrays.fill(oneLost, 1, DATA + PARITY, true);
    }

    @Benchmark
    @OperationsPerInvocation(STRIPE)
    public byte[][] encode() {
        fast.encode(shards, 0, SHARD);
        return shards;
    }

    @Benchmark
    @OperationsPerInvocation(STRIPE)
    public byte[][] encodeScalar() {
        scalar.encode(shards, 0, SHARD);
        return shards;
    }

    @Benchmark
    @OperationsPerInvocation(STRIPE)
    public byte[][] decodeFourLost() {
        fast.reconstruct(shards, dataLost, 0, SHARD);
        return shards;
    }

    @Benchmark
    @OperationsPerInvocation(STRIPE)
    public byte[][] decodeOneLost() {
        fast.reconstruct(shards, oneLost, 0, SHARD);
        return shards;
    }

    @Benchmark
    @OperationsPerInvocation(STRIPE)
    public byte[][] decodeFourLostScalar() {
        scalar.reconstruct(shards, dataLost, 0, SHARD);
        return shards;
    }

    @Benchmark
    @OperationsPerInvocation(STRIPE)
    public boolean verify() {
        return fast.verify(shards, 0, SHARD);
    }
}
