package org.qsfs.stor.stripe;

import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Sets of large arrays of one shape, used again and again: as garbage they would keep the collector busier than the encoder. What is not in use may go when memory is
 * short.
 *
 * <p>Thread-safe. Contents of an array that was used before are what its last user left.
 */
final class ArrayPool {
    private static final int KEEP = 4;

    private final int count;
    private final int length;
    private final Deque<SoftReference<byte[][]>> idle = new ArrayDeque<>();

    /**
     * @param count arrays of a set
     * @param length bytes of each
     */
    ArrayPool(int count, int length) {
        this.count = count;
        this.length = length;
    }

    /** A set of {@code count} arrays; a new one when this pool is for other lengths. */
    byte[][] take(int wantedLength) {
        byte @Nullable [][] found = wantedLength == length ? poll() : null;
        return found == null ? new byte[count][wantedLength] : found;
    }

    private synchronized byte @Nullable [][] poll() {
        while (!idle.isEmpty()) {
            byte[][] set = idle.pop().get();
            if (set != null) {
                return set;
            }
        }
        return null;
    }

    /** Takes a set back that nobody uses any more; one of another length is left to the collector. */
    synchronized void giveBack(byte[][] set) {
        if (set.length == count && set[0].length == length && idle.size() < KEEP) {
            idle.push(new SoftReference<>(set));
        }
    }
}
