package org.qsfs.fs.rows;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A row as it is after a change.
 *
 * @param key {@value #MAX_KEY_BYTES} bytes at most, at least one; compared as unsigned bytes
 * @param value {@value #MAX_VALUE_BYTES} bytes at most; null when the change removes the row
 */
public record Row(byte[] key, byte @Nullable [] value) {
    public static final int MAX_KEY_BYTES = 1024;
    public static final int MAX_VALUE_BYTES = 1 << 20;

    /** What a row costs in memory besides its bytes: two arrays, this record and its place in a map. */
    private static final int OVERHEAD_BYTES = 112;

    public Row {
        if (key.length == 0 || key.length > MAX_KEY_BYTES) {
            throw new IllegalArgumentException("a row key has 1 to " + MAX_KEY_BYTES + " bytes, not " + key.length);
        }
        if (value != null && value.length > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "a row value has at most " + MAX_VALUE_BYTES + " bytes, not " + value.length);
        }
    }

    /** Bytes that this row occupies in memory, about. */
    int footprint() {
        return OVERHEAD_BYTES + key.length + (value == null ? 0 : value.length);
    }

    /** The smallest key greater than {@code key}. */
    public static byte[] successor(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Row(byte[] otherKey, byte @Nullable [] otherValue)
                && Arrays.equals(key, otherKey)
                && Arrays.equals(value, otherValue);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(key) + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return hex.formatHex(key) + (value == null ? " removed" : " = " + hex.formatHex(value));
    }
}
