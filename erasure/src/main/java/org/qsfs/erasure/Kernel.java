package org.qsfs.erasure;

/**
 * Multiplies matrices over GF(2^8) with vectors of shards: the inner loop of the coder.
 *
 * <p>{@link #best()} picks one at start-up: {@link VectorKernel} when the JVM was started with
 * {@code --add-modules jdk.incubator.vector} on a processor with vectors of 16 bytes or more, else {@link ScalarKernel}.
 * The system property {@value #PROPERTY} ({@code auto}, {@code vector}, {@code scalar}) forces one. All kernels give
 * the same bytes. Kernels are immutable and thread-safe.
 */
public sealed interface Kernel permits ScalarKernel, VectorKernel {
    /** Name of the system property that forces a kernel. */
    String PROPERTY = "qsfs.erasure.kernel";

    /** The word that selects this kernel in {@value #PROPERTY}. */
    String name();

    /**
     * Prepares the multiplication with one matrix.
     *
     * @param coefficients one row per output, in each one coefficient per input; all rows equally long
     */
    Multiplication prepare(byte[][] coefficients);

    /** Multiplication with a fixed matrix. Immutable and thread-safe. */
    interface Multiplication {
        /**
         * Sets byte i of output r to the sum over j of coefficient (r, j) times byte i of input j, for 0 ≤ i <
         * {@code length}. Offsets and length are in bytes. Outputs must not overlap inputs.
         */
        void apply(byte[][] inputs, int inputOffset, byte[][] outputs, int outputOffset, int length);
    }

    /** The kernel that {@value #PROPERTY} names, by default the fastest that runs here. */
    static Kernel best() {
        String wanted = System.getProperty(PROPERTY, "auto");
        return switch (wanted) {
            case "auto" -> vectorsUsable() ? new VectorKernel() : new ScalarKernel();
            case "scalar" -> new ScalarKernel();
            case "vector" -> {
                if (!vectorsUsable()) {
                    throw new IllegalStateException("system property " + PROPERTY + " asks for the vector kernel, which"
                            + " needs a processor with vectors of 16 bytes and the JVM option"
                            + " --add-modules jdk.incubator.vector; add the option or use \"auto\"");
                }
                yield new VectorKernel();
            }
            default ->
                throw new IllegalStateException("system property " + PROPERTY + " is \"" + wanted
                        + "\"; expected \"auto\", \"vector\" or \"scalar\"");
        };
    }

    private static boolean vectorsUsable() {
        // The module is asked for first: without it VectorKernel cannot even be loaded.
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() && VectorKernel.isFastHere();
    }
}
