package org.qsfs.erasure;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A systematic Reed-Solomon code of k data shards and m parity shards: any k of the k + m shards give all others.
 *
 * <p>The coding matrix is the Vandermonde matrix over GF(2^8)/0x11D times the inverse of its top square, as in
 * Backblaze's JavaReedSolomon; its parity rows are part of the on-disk format.
 *
 * <p>Shards are given as an array of k + m elements, data first, shard i at index i; a call works on the bytes
 * [offset, offset + length) of each. The bytes of different shards must not overlap. Nothing is allocated by the size
 * of the shards. With m = 0 there is no parity and nothing can be reconstructed.
 *
 * <p>Immutable and thread-safe. Instances keep the decode matrices they used last, so share one per (k, m).
 */
public final class ReedSolomon {
    /** The code works on bytes, and a Vandermonde matrix over GF(2^8) has 256 different rows. */
    public static final int MAX_SHARDS = 256;

    private static final int BLOCK_BYTES = 8192;
    private static final int PLANS_BYTES = 4 << 20;
    private static final int MAX_PLANS = 128;
    private static final int MIN_PLANS = 4;

    private final int dataShards;
    private final int parityShards;
    private final Kernel kernel;
    private final Matrix matrix;
    private final Kernel.Multiplication parity;
    private final RepairPlans plans;

    private ReedSolomon(int dataShards, int parityShards, Kernel kernel) {
        this.dataShards = dataShards;
        this.parityShards = parityShards;
        this.kernel = kernel;
        Matrix vandermonde = Matrix.vandermonde(dataShards + parityShards, dataShards);
        Matrix top = vandermonde.select(range(0, dataShards));
        this.matrix = vandermonde.times(top.inverse());
        this.parity = kernel.prepare(
                matrix.select(range(dataShards, dataShards + parityShards)).toBytes());
        int planBytes = 32 * dataShards * Math.max(1, parityShards);
        this.plans = new RepairPlans(Math.clamp(PLANS_BYTES / planBytes, MIN_PLANS, MAX_PLANS));
    }

    /** The code with the fastest kernel that runs here, see {@link Kernel#best()}. */
    public static ReedSolomon of(int dataShards, int parityShards) {
        return of(dataShards, parityShards, Kernel.best());
    }

    /**
     * The code with a chosen kernel.
     *
     * @throws IllegalArgumentException unless 1 ≤ k, 0 ≤ m and k + m ≤ 256
     */
    public static ReedSolomon of(int dataShards, int parityShards, Kernel kernel) {
        if (dataShards < 1 || parityShards < 0 || (long) dataShards + parityShards > MAX_SHARDS) {
            throw new IllegalArgumentException("Reed-Solomon code of " + dataShards + " data and " + parityShards
                    + " parity shards: expected at least 1 data shard, no negative number, at most " + MAX_SHARDS
                    + " in all");
        }
        return new ReedSolomon(dataShards, parityShards, kernel);
    }

    /** k, the number of data shards. */
    public int dataShards() {
        return dataShards;
    }

    /** m, the number of parity shards. */
    public int parityShards() {
        return parityShards;
    }

    /** n = k + m. */
    public int totalShards() {
        return dataShards + parityShards;
    }

    /** The kernel in use. */
    public Kernel kernel() {
        return kernel;
    }

    /** Computes the parity shards from the data shards. */
    public void encode(byte[][] shards, int offset, int length) {
        checkShards(shards, offset, length);
        parity.apply(data(shards), offset, parity(shards), offset, length);
    }

    /** As {@link #encode(byte[][], int, int)}; segments may be on or off the heap. */
    public void encode(MemorySegment[] shards, long offset, long length) {
        checkShards(shards, offset, length);
        byBlocks(parity, data(shards), parity(shards), offset, length);
    }

    /** Whether the parity shards are those of the data shards. */
    public boolean verify(byte[][] shards, int offset, int length) {
        checkShards(shards, offset, length);
        byte[][] data = data(shards);
        byte[][] computed = new byte[parityShards][Math.min(BLOCK_BYTES, length)];
        for (int at = 0; at < length; at += BLOCK_BYTES) {
            int size = Math.min(BLOCK_BYTES, length - at);
            int from = offset + at;
            parity.apply(data, from, computed, 0, size);
            for (int i = 0; i < parityShards; i++) {
                if (!Arrays.equals(computed[i], 0, size, shards[dataShards + i], from, from + size)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** As {@link #verify(byte[][], int, int)}; segments may be on or off the heap. */
    public boolean verify(MemorySegment[] shards, long offset, long length) {
        checkShards(shards, offset, length);
        MemorySegment[] data = data(shards);
        MemorySegment[] computed = new MemorySegment[parityShards];
        Arrays.setAll(computed, i -> MemorySegment.ofArray(new byte[(int) Math.min(BLOCK_BYTES, length)]));
        for (long at = 0; at < length; at += BLOCK_BYTES) {
            long size = Math.min(BLOCK_BYTES, length - at);
            long from = offset + at;
            MemorySegment[] block = new MemorySegment[dataShards];
            Arrays.setAll(block, i -> data[i].asSlice(from, size));
            byBlocks(parity, block, computed, 0, size);
            for (int i = 0; i < parityShards; i++) {
                if (MemorySegment.mismatch(computed[i], 0, size, shards[dataShards + i], from, from + size) >= 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Computes every missing shard, as {@link #reconstruct(byte[][], boolean[], boolean[], int, int)}. */
    public void reconstruct(byte[] @Nullable [] shards, boolean[] present, int offset, int length) {
        reconstruct(shards, present, allMissing(present), offset, length);
    }

    /** Computes every missing shard, as {@link #reconstruct(byte[][], boolean[], boolean[], int, int)}. */
    public void reconstruct(@Nullable MemorySegment[] shards, boolean[] present, long offset, long length) {
        reconstruct(shards, present, allMissing(present), offset, length);
    }

    /**
     * Computes chosen missing shards from any k present ones.
     *
     * @param shards arrays of the present and of the wanted shards, allocated by the caller; others may be null
     * @param present which shards hold their bytes; these are only read
     * @param wanted which shards to compute; those that are present are left alone
     * @throws IllegalArgumentException if a shard is wanted and fewer than k are present, or an array is null or too
     *     short
     */
    public void reconstruct(byte[] @Nullable [] shards, boolean[] present, boolean[] wanted, int offset, int length) {
        RepairPlan plan = plan(shards.length, present, wanted);
        byte[][] sources = new byte[plan.sourceCount()][];
        byte[][] targets = new byte[plan.targetCount()][];
        Arrays.setAll(sources, i -> array(shards, plan.source(i), offset, length));
        Arrays.setAll(targets, i -> array(shards, plan.target(i), offset, length));
        plan.multiplication().apply(sources, offset, targets, offset, length);
    }

    /** As {@link #reconstruct(byte[][], boolean[], boolean[], int, int)}; segments may be on or off the heap. */
    public void reconstruct(
            @Nullable MemorySegment[] shards, boolean[] present, boolean[] wanted, long offset, long length) {
        RepairPlan plan = plan(shards.length, present, wanted);
        MemorySegment[] sources = new MemorySegment[plan.sourceCount()];
        MemorySegment[] targets = new MemorySegment[plan.targetCount()];
        Arrays.setAll(sources, i -> segment(shards, plan.source(i), offset, length));
        Arrays.setAll(targets, i -> segment(shards, plan.target(i), offset, length));
        byBlocks(plan.multiplication(), sources, targets, offset, length);
    }

    private RepairPlan plan(int shardCount, boolean[] present, boolean[] wanted) {
        checkCount("shards", shardCount);
        checkCount("flags for present shards", present.length);
        checkCount("flags for wanted shards", wanted.length);
        int[] targets = IntStream.range(0, totalShards())
                .filter(i -> wanted[i] && !present[i])
                .toArray();
        int[] sources = IntStream.range(0, totalShards())
                .filter(i -> present[i])
                .limit(dataShards)
                .toArray();
        if (targets.length == 0) {
            return new RepairPlan(targets, targets, (inputs, inputOffset, outputs, outputOffset, length) -> {});
        }
        if (sources.length < dataShards) {
            throw new IllegalArgumentException("cannot reconstruct shards " + Arrays.toString(targets) + ": "
                    + sources.length + " of " + totalShards() + " shards are present, " + dataShards + " are needed");
        }
        return plans.get(RepairPlan.Situation.of(present, wanted), () -> {
            Matrix fromSources = matrix.select(sources).inverse();
            Matrix wantedRows = matrix.select(targets).times(fromSources);
            return new RepairPlan(sources, targets, kernel.prepare(wantedRows.toBytes()));
        });
    }

    /** Runs an array kernel on memory segments: copies of 8 KiB stay in the cache and cost little beside the coding. */
    private static void byBlocks(
            Kernel.Multiplication multiplication,
            MemorySegment[] inputs,
            MemorySegment[] outputs,
            long offset,
            long length) {
        int blockBytes = (int) Math.min(BLOCK_BYTES, length);
        byte[][] in = new byte[inputs.length][blockBytes];
        byte[][] out = new byte[outputs.length][blockBytes];
        for (long at = 0; at < length; at += BLOCK_BYTES) {
            int size = (int) Math.min(BLOCK_BYTES, length - at);
            for (int i = 0; i < in.length; i++) {
                MemorySegment.copy(inputs[i], offset + at, MemorySegment.ofArray(in[i]), 0, size);
            }
            multiplication.apply(in, 0, out, 0, size);
            for (int i = 0; i < out.length; i++) {
                MemorySegment.copy(MemorySegment.ofArray(out[i]), 0, outputs[i], offset + at, size);
            }
        }
    }

    private <T> T[] data(T[] shards) {
        return Arrays.copyOfRange(shards, 0, dataShards);
    }

    private <T> T[] parity(T[] shards) {
        return Arrays.copyOfRange(shards, dataShards, totalShards());
    }

    private void checkShards(byte[][] shards, int offset, int length) {
        checkCount("shards", shards.length);
        for (int i = 0; i < shards.length; i++) {
            array(shards, i, offset, length);
        }
    }

    private void checkShards(MemorySegment[] shards, long offset, long length) {
        checkCount("shards", shards.length);
        for (int i = 0; i < shards.length; i++) {
            segment(shards, i, offset, length);
        }
    }

    private void checkCount(String what, int count) {
        if (count != totalShards()) {
            throw new IllegalArgumentException(count + " " + what + " given to a code of " + dataShards + " data and "
                    + parityShards + " parity shards; expected " + totalShards());
        }
    }

    private static byte[] array(byte[] @Nullable [] shards, int index, int offset, int length) {
        byte[] shard = shards[index];
        checkRange(index, shard == null ? -1 : shard.length, offset, length);
        return Objects.requireNonNull(shard);
    }

    private static MemorySegment segment(@Nullable MemorySegment[] shards, int index, long offset, long length) {
        MemorySegment shard = shards[index];
        checkRange(index, shard == null ? -1 : shard.byteSize(), offset, length);
        return Objects.requireNonNull(shard);
    }

    private static void checkRange(int index, long size, long offset, long length) {
        if (offset < 0 || length < 0 || offset > size - length) {
            throw new IllegalArgumentException("shard " + index + " is "
                    + (size < 0 ? "null" : "of " + size + " bytes") + "; expected at least " + length
                    + " bytes from offset " + offset);
        }
    }

    private static boolean[] allMissing(boolean[] present) {
        boolean[] missing = new boolean[present.length];
        for (int i = 0; i < missing.length; i++) {
            missing[i] = !present[i];
        }
        return missing;
    }

    private static int[] range(int from, int to) {
        return IntStream.range(from, to).toArray();
    }
}
