package org.qsfs.erasure;

import java.util.Objects;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Multiplies a whole vector of bytes by a coefficient with two shuffles: the product of c and x is the sum of c times
 * the low nibble and c times the high nibble of x, and each of these has only 16 values, which fit a vector register
 * (Plank, Greenan, Miller: Screaming Fast Galois Field Arithmetic Using Intel SIMD Instructions, FAST 2013).
 *
 * <p>Four output rows are computed at once, so each input vector is loaded and split once for four products, and sums
 * stay in registers: every input is read once per four rows, every output written once.
 */
public final class VectorKernel implements Kernel {
    private static final VectorSpecies<Byte> SPECIES = ByteVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> NIBBLES = ByteVector.SPECIES_128;
    private static final int VECTOR_BYTES = SPECIES.length();
    /** Of one coefficient: its 16 products with low nibbles, then its 16 products with high nibbles. */
    private static final int TABLE_BYTES = 32;

    private static final int ROWS_AT_ONCE = 4;
    private static final byte LOW_NIBBLE = 0x0F;

    private final ScalarKernel scalar = new ScalarKernel();

    /** Whether the processor's vectors hold a nibble table. */
    static boolean isFastHere() {
        return VECTOR_BYTES >= NIBBLES.length();
    }

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public Multiplication prepare(byte[][] coefficients) {
        Multiplication shortInput = scalar.prepare(coefficients);
        int fours = coefficients.length / ROWS_AT_ONCE;
        byte[][] tables = new byte[fours + coefficients.length % ROWS_AT_ONCE][];
        for (int i = 0; i < tables.length; i++) {
            int row = i < fours ? i * ROWS_AT_ONCE : fours * ROWS_AT_ONCE + i - fours;
            tables[i] = tables(coefficients, row, i < fours ? ROWS_AT_ONCE : 1);
        }
        return (inputs, inputOffset, outputs, outputOffset, length) -> {
            if (length < VECTOR_BYTES) {
                shortInput.apply(inputs, inputOffset, outputs, outputOffset, length);
                return;
            }
            for (int i = 0; i < tables.length; i++) {
                if (i < fours) {
                    fourRows(tables[i], inputs, inputOffset, outputs, i * ROWS_AT_ONCE, outputOffset, length);
                } else {
                    byte[] output = outputs[fours * ROWS_AT_ONCE + i - fours];
                    oneRow(tables[i], inputs, inputOffset, output, outputOffset, length);
                }
            }
        };
    }

    /** The tables of {@code count} rows, in the order in which the loops below read them: input by input. */
    private static byte[] tables(byte[][] coefficients, int firstRow, int count) {
        int inputs = coefficients[firstRow].length;
        byte[] tables = new byte[inputs * count * TABLE_BYTES];
        int at = 0;
        for (int j = 0; j < inputs; j++) {
            for (int row = firstRow; row < firstRow + count; row++) {
                int coefficient = coefficients[row][j] & 0xFF;
                for (int nibble = 0; nibble < 16; nibble++) {
                    tables[at + nibble] = (byte) GaloisField.multiply(coefficient, nibble);
                    tables[at + 16 + nibble] = (byte) GaloisField.multiply(coefficient, nibble << 4);
                }
                at += TABLE_BYTES;
            }
        }
        return tables;
    }

    /**
     * Calls nothing but the Vector API, whose methods the compiler always inlines. A method of our own between them is inlined only while the budget of the method around
     * lasts; when it is not, every vector becomes an object, and this takes 20 times longer. Indexes of nibble tables are below 16, so what the lanes above hold does not
     * matter.
     */
    private static void fourRows(
            byte[] tables, byte[][] inputs, int inputOffset, byte[][] outputs, int row, int outputOffset, int length) {
        byte[] output0 = outputs[row];
        byte[] output1 = outputs[row + 1];
        byte[] output2 = outputs[row + 2];
        byte[] output3 = outputs[row + 3];
        int inputCount = tables.length / (ROWS_AT_ONCE * TABLE_BYTES);
        Objects.checkFromIndexSize(0, inputCount, inputs.length);
        for (int i = 0; i < length; i = next(i, length)) {
            ByteVector sum0 = ByteVector.zero(SPECIES);
            ByteVector sum1 = sum0;
            ByteVector sum2 = sum0;
            ByteVector sum3 = sum0;
            for (int j = 0; j < inputCount; j++) {
                ByteVector input = ByteVector.fromArray(SPECIES, inputs[j], inputOffset + i);
                ByteVector low = input.and(LOW_NIBBLE);
                // shifts ints, because processors have no shift of bytes; the mask drops the bits of the neighbours
                ByteVector high = input.reinterpretAsInts()
                        .lanewise(VectorOperators.LSHR, 4)
                        .reinterpretAsBytes()
                        .and(LOW_NIBBLE);
                int table = j * ROWS_AT_ONCE * TABLE_BYTES;
                sum0 = sum0.lanewise(
                                VectorOperators.XOR,
                                low.selectFrom(ByteVector.fromArray(NIBBLES, tables, table)
                                        .reinterpretShape(SPECIES, 0)
                                        .reinterpretAsBytes()))
                        .lanewise(
                                VectorOperators.XOR,
                                high.selectFrom(ByteVector.fromArray(NIBBLES, tables, table + 16)
                                        .reinterpretShape(SPECIES, 0)
                                        .reinterpretAsBytes()));
                sum1 = sum1.lanewise(
                                VectorOperators.XOR,
                                low.selectFrom(ByteVector.fromArray(NIBBLES, tables, table + TABLE_BYTES)
                                        .reinterpretShape(SPECIES, 0)
                                        .reinterpretAsBytes()))
                        .lanewise(
                                VectorOperators.XOR,
                                high.selectFrom(ByteVector.fromArray(NIBBLES, tables, table + TABLE_BYTES + 16)
                                        .reinterpretShape(SPECIES, 0)
                                        .reinterpretAsBytes()));
                sum2 = sum2.lanewise(
                                VectorOperators.XOR,
                                low.selectFrom(ByteVector.fromArray(NIBBLES, tables, table + 2 * TABLE_BYTES)
                                        .reinterpretShape(SPECIES, 0)
                                        .reinterpretAsBytes()))
                        .lanewise(
                                VectorOperators.XOR,
                                high.selectFrom(ByteVector.fromArray(NIBBLES, tables, table + 2 * TABLE_BYTES + 16)
                                        .reinterpretShape(SPECIES, 0)
                                        .reinterpretAsBytes()));
                sum3 = sum3.lanewise(
                                VectorOperators.XOR,
                                low.selectFrom(ByteVector.fromArray(NIBBLES, tables, table + 3 * TABLE_BYTES)
                                        .reinterpretShape(SPECIES, 0)
                                        .reinterpretAsBytes()))
                        .lanewise(
                                VectorOperators.XOR,
                                high.selectFrom(ByteVector.fromArray(NIBBLES, tables, table + 3 * TABLE_BYTES + 16)
                                        .reinterpretShape(SPECIES, 0)
                                        .reinterpretAsBytes()));
            }
            sum0.intoArray(output0, outputOffset + i);
            sum1.intoArray(output1, outputOffset + i);
            sum2.intoArray(output2, outputOffset + i);
            sum3.intoArray(output3, outputOffset + i);
        }
    }

    /** As {@link #fourRows}, for one output. */
    private static void oneRow(
            byte[] tables, byte[][] inputs, int inputOffset, byte[] output, int outputOffset, int length) {
        int inputCount = tables.length / TABLE_BYTES;
        Objects.checkFromIndexSize(0, inputCount, inputs.length);
        for (int i = 0; i < length; i = next(i, length)) {
            ByteVector sum = ByteVector.zero(SPECIES);
            for (int j = 0; j < inputCount; j++) {
                ByteVector input = ByteVector.fromArray(SPECIES, inputs[j], inputOffset + i);
                ByteVector low = input.and(LOW_NIBBLE);
                // shifts ints, because processors have no shift of bytes; the mask drops the bits of the neighbours
                ByteVector high = input.reinterpretAsInts()
                        .lanewise(VectorOperators.LSHR, 4)
                        .reinterpretAsBytes()
                        .and(LOW_NIBBLE);
                int table = j * TABLE_BYTES;
                sum = sum.lanewise(
                                VectorOperators.XOR,
                                low.selectFrom(ByteVector.fromArray(NIBBLES, tables, table)
                                        .reinterpretShape(SPECIES, 0)
                                        .reinterpretAsBytes()))
                        .lanewise(
                                VectorOperators.XOR,
                                high.selectFrom(ByteVector.fromArray(NIBBLES, tables, table + 16)
                                        .reinterpretShape(SPECIES, 0)
                                        .reinterpretAsBytes()));
            }
            sum.intoArray(output, outputOffset + i);
        }
    }

    /**
     * Where the next vector starts, {@code length} when there is none. The last one ends at the end and so may overlap
     * the one before: it computes the same bytes again, which costs less than a loop for the rest.
     */
    private static int next(int i, int length) {
        int next = i + VECTOR_BYTES;
        return next < length && next > length - VECTOR_BYTES ? length - VECTOR_BYTES : next;
    }
}
