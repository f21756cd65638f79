package org.qsfs.fs.data;

import java.util.Arrays;
import org.qsfs.fs.format.ExtentRow;

/** Extents of a window while they change: ascending, they do not overlap. An array, since most windows are looked at more often than changed. For one thread. */
final class ExtentList {
    private static final int ROOM = 8;

    private ExtentRow[] extents;
    private int size;

    /** @param extents ascending; not changed */
    ExtentList(ExtentRow[] extents) {
        this.extents = Arrays.copyOf(extents, extents.length + ROOM);
        this.size = extents.length;
    }

    int size() {
        return size;
    }

    ExtentRow get(int index) {
        return extents[index];
    }

    /** Index of the first extent that ends behind an offset; the size when there is none. */
    int firstEndingAfter(long offset) {
        return firstEndingAfter(extents, size, offset);
    }

    static int firstEndingAfter(ExtentRow[] extents, int size, long offset) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (extents[middle].end() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Adds an extent where there is none. */
    void add(ExtentRow extent) {
        int index = firstEndingAfter(extent.offset());
        if (size == extents.length) {
            extents = Arrays.copyOf(extents, 2 * size);
        }
        System.arraycopy(extents, index, extents, index + 1, size - index);
        extents[index] = extent;
        size++;
    }

    ExtentRow remove(int index) {
        ExtentRow removed = extents[index];
        size--;
        System.arraycopy(extents, index + 1, extents, index, size - index);
        return removed;
    }

    ExtentRow[] toArray() {
        return Arrays.copyOf(extents, size);
    }
}
