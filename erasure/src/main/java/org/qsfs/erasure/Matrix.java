package org.qsfs.erasure;

import java.util.Arrays;

/** An immutable matrix over GF(2^8). */
final class Matrix {
    private final int[][] rows;

    private Matrix(int[][] rows) {
        this.rows = rows;
    }

    static Matrix identity(int size) {
        int[][] rows = new int[size][size];
        for (int i = 0; i < size; i++) {
            rows[i][i] = 1;
        }
        return new Matrix(rows);
    }

    /** Element (r, c) is r to the power c: any {@code columnCount} rows are linearly independent. */
    static Matrix vandermonde(int rowCount, int columnCount) {
        int[][] rows = new int[rowCount][columnCount];
        for (int r = 0; r < rowCount; r++) {
            for (int c = 0; c < columnCount; c++) {
                rows[r][c] = GaloisField.power(r, c);
            }
        }
        return new Matrix(rows);
    }

    /** The matrix that consists of the named rows in the given order. */
    Matrix select(int[] indexes) {
        return new Matrix(Arrays.stream(indexes).mapToObj(i -> rows[i]).toArray(int[][]::new));
    }

    Matrix times(Matrix right) {
        int columns = right.rows[0].length;
        int[][] product = new int[rows.length][columns];
        for (int r = 0; r < rows.length; r++) {
            for (int i = 0; i < right.rows.length; i++) {
                addMultiple(product[r], rows[r][i], right.rows[i]);
            }
        }
        return new Matrix(product);
    }

    /** Inverse of a square matrix by Gauss-Jordan elimination. */
    Matrix inverse() {
        int size = rows.length;
        int[][] left = Arrays.stream(rows).map(int[]::clone).toArray(int[][]::new);
        int[][] right = identity(size).rows;
        for (int column = 0; column < size; column++) {
            int pivot = column;
            while (pivot < size && left[pivot][column] == 0) {
                pivot++;
            }
            if (pivot == size) {
                throw new ArithmeticException("matrix of size " + size + " is singular in column " + column);
            }
            swap(left, pivot, column);
            swap(right, pivot, column);
            int scale = GaloisField.inverse(left[column][column]);
            multiply(left[column], scale);
            multiply(right[column], scale);
            for (int r = 0; r < size; r++) {
                if (r != column) {
                    int factor = left[r][column];
                    addMultiple(left[r], factor, left[column]);
                    addMultiple(right[r], factor, right[column]);
                }
            }
        }
        return new Matrix(right);
    }

    /** The elements as bytes, a fresh array. */
    byte[][] toBytes() {
        byte[][] bytes = new byte[rows.length][];
        for (int r = 0; r < rows.length; r++) {
            bytes[r] = new byte[rows[r].length];
            for (int c = 0; c < rows[r].length; c++) {
                bytes[r][c] = (byte) rows[r][c];
            }
        }
        return bytes;
    }

    private static void swap(int[][] rows, int a, int b) {
        int[] row = rows[a];
        rows[a] = rows[b];
        rows[b] = row;
    }

    private static void multiply(int[] row, int factor) {
        for (int c = 0; c < row.length; c++) {
            row[c] = GaloisField.multiply(row[c], factor);
        }
    }

    private static void addMultiple(int[] target, int factor, int[] row) {
        if (factor != 0) {
            for (int c = 0; c < target.length; c++) {
                target[c] ^= GaloisField.multiply(factor, row[c]);
            }
        }
    }
}
