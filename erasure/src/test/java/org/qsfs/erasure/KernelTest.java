package org.qsfs.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class KernelTest {
    @Property(tries = 300)
    void vectorKernelEqualsScalarKernel(
            @ForAll @IntRange(min = 1, max = 20) int inputCount,
            @ForAll @IntRange(min = 0, max = 11) int outputCount,
            @ForAll @IntRange(min = 0, max = 700) int length,
            @ForAll @IntRange(min = 0, max = 70) int inputOffset,
            @ForAll @IntRange(min = 0, max = 70) int outputOffset,
            @ForAll long seed) {
        Random random = new Random(seed);
        byte[][] coefficients = randomBytes(random, outputCount, inputCount);
        byte[][] inputs = randomBytes(random, inputCount, inputOffset + length + 5);
        byte[][] expected = randomBytes(random, outputCount, outputOffset + length + 5);
        byte[][] actual = new byte[outputCount][];
        for (int i = 0; i < outputCount; i++) {
            actual[i] = expected[i].clone();
        }
        new ScalarKernel().prepare(coefficients).apply(inputs, inputOffset, expected, outputOffset, length);
        new VectorKernel().prepare(coefficients).apply(inputs, inputOffset, actual, outputOffset, length);
        // whole arrays, so bytes outside the range must not have changed either
        assertThat(actual).isDeepEqualTo(expected);
    }

    @Test
    void everyProductOfTwoBytesIsTheSame() {
        byte[][] coefficients = new byte[256][1];
        byte[][] inputs = new byte[1][256];
        for (int i = 0; i < 256; i++) {
            coefficients[i][0] = (byte) i;
            inputs[0][i] = (byte) i;
        }
        byte[][] products = new byte[256][256];
        for (Kernel kernel : List.of(new ScalarKernel(), new VectorKernel())) {
            kernel.prepare(coefficients).apply(inputs, 0, products, 0, 256);
            for (int a = 0; a < 256; a++) {
                for (int b = 0; b < 256; b++) {
                    assertThat(products[a][b] & 0xFF)
                            .as("%s: %d * %d", kernel.name(), a, b)
                            .isEqualTo(multiplyBitByBit(a, b));
                }
            }
        }
    }

    @Test
    void theVectorKernelIsTakenWhereItRuns() {
        assertThat(Kernel.best().name()).isEqualTo("vector");
    }

    @Test
    void withoutTheVectorModuleTheScalarKernelIsTaken() throws Exception {
        assertThat(runProbe()).isEqualTo("scalar");
    }

    @Test
    void thePropertyForcesAKernel() throws Exception {
        assertThat(runProbe("--add-modules=jdk.incubator.vector", "-D" + Kernel.PROPERTY + "=scalar"))
                .isEqualTo("scalar");
        assertThat(runProbe("--add-modules=jdk.incubator.vector", "-D" + Kernel.PROPERTY + "=vector"))
                .isEqualTo("vector");
    }

    @Test
    void anImpossibleKernelIsRefused() throws Exception {
        assertThat(runProbe("-D" + Kernel.PROPERTY + "=vector"))
                .contains(Kernel.PROPERTY)
                .contains("--add-modules jdk.incubator.vector");
        assertThat(runProbe("-D" + Kernel.PROPERTY + "=fast"))
                .contains("\"fast\"")
                .contains("\"auto\", \"vector\" or \"scalar\"");
    }

    @Test
    void zeroHasNoInverse() {
        assertThatThrownBy(() -> GaloisField.inverse(0)).isInstanceOf(ArithmeticException.class);
    }

    /** Prints which kernel a JVM takes, or why none. */
    static final class Probe {
        public static void main(String[] arguments) {
            try {
                ReedSolomon coder = ReedSolomon.of(2, 1);
                coder.encode(new byte[3][100], 0, 100);
                System.out.print(coder.kernel().name());
            } catch (IllegalStateException e) {
                System.out.print(e.getMessage());
            }
        }
    }

    private static String runProbe(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-Xshare:auto", "-cp", System.getProperty("java.class.path"), Probe.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    private static int multiplyBitByBit(int a, int b) {
        int product = 0;
        for (int bit = 7; bit >= 0; bit--) {
            product <<= 1;
            if ((product & 0x100) != 0) {
                product ^= 0x11D;
            }
            if ((b >> bit & 1) != 0) {
                product ^= a;
            }
        }
        return product;
    }

    private static byte[][] randomBytes(Random random, int rows, int columns) {
        byte[][] bytes = new byte[rows][columns];
        for (byte[] row : bytes) {
            random.nextBytes(row);
        }
        return bytes;
    }
}
