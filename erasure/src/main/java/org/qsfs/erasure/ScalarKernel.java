package org.qsfs.erasure;

import java.util.Arrays;

/** One table look-up per byte and coefficient. Runs everywhere, and is the oracle for faster kernels. */
public final class ScalarKernel implements Kernel {
    /** {@code PRODUCTS[a][b]} is a times b: 64 KiB. */
    private static final byte[][] PRODUCTS = products();

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public Multiplication prepare(byte[][] coefficients) {
        byte[][] rows = Arrays.stream(coefficients).map(byte[]::clone).toArray(byte[][]::new);
        return (inputs, inputOffset, outputs, outputOffset, length) -> {
            for (int r = 0; r < rows.length; r++) {
                byte[] output = outputs[r];
                Arrays.fill(output, outputOffset, outputOffset + length, (byte) 0);
                for (int j = 0; j < rows[r].length; j++) {
                    add(PRODUCTS[rows[r][j] & 0xFF], inputs[j], inputOffset, output, outputOffset, length);
                }
            }
        };
    }

    private static void add(
            byte[] products, byte[] input, int inputOffset, byte[] output, int outputOffset, int length) {
        for (int i = 0; i < length; i++) {
            output[outputOffset + i] ^= products[input[inputOffset + i] & 0xFF];
        }
    }

    private static byte[][] products() {
        byte[][] products = new byte[256][256];
        for (int a = 0; a < 256; a++) {
            for (int b = 0; b < 256; b++) {
                products[a][b] = (byte) GaloisField.multiply(a, b);
            }
        }
        return products;
    }
}
