package org.qsfs.fs.data;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.qsfs.fs.format.DataRecord;

/** Consecutive written bytes of a file, at most one record's worth. Guarded by the dirtyLock of its file. */
final class DirtyRange {
    static final int PAGE = DataRecord.BLOCK;
    private static final int MOST_PAGES = DataRecord.MAX_DATA / PAGE;

    private final long start;
    private final List<ByteBuffer> pages = new ArrayList<>();
    /** Of each page its sum; it counts where {@link #summed} says so: the page was written whole, and not since in parts. */
    private int[] sums = new int[1];

    private final BitSet summed = new BitSet();
    private int length;

    DirtyRange(long start) {
        this.start = start;
    }

    long start() {
        return start;
    }

    long end() {
        return start + length;
    }

    int length() {
        return length;
    }

    boolean isFull() {
        return length == DataRecord.MAX_DATA;
    }

    /**
     * Overwrites and appends bytes from {@code offset}, which is inside of the range or at its end, as far as the range may grow.
     *
     * @param longest takes no bytes beyond this length of the range
     */
    void write(long offset, ByteBuffer source, int longest, PagePool.Lease lease) {
        DataRecord.BlockSum sum = new DataRecord.BlockSum();
        int at = (int) (offset - start);
        int end = Math.min(longest, at + Math.min(source.remaining(), DataRecord.MAX_DATA - at));
        while (at < end) {
            int page = at / PAGE;
            if (page == pages.size()) {
                pages.add(lease.take());
            }
            int count = Math.min(end - at, PAGE - at % PAGE);
            ByteBuffer bytes = pages.get(page);
            bytes.put(at % PAGE, source, source.position(), count);
            summed.set(page, count == PAGE);
            if (count == PAGE) {
                setSum(page, sum.of(bytes, 0));
            }
            source.position(source.position() + count);
            at += count;
        }
        length = Math.max(length, end);
    }

    private void setSum(int page, int sum) {
        if (page >= sums.length) {
            sums = Arrays.copyOf(sums, Math.min(MOST_PAGES, 4 * page));
        }
        sums[page] = sum;
    }

    /** Copies the bytes from {@code from} to {@code to}, both inside of the range, to {@code target} at an index. */
    void read(long from, long to, ByteBuffer target, int index) {
        int at = (int) (from - start);
        int end = (int) (to - start);
        int put = index;
        while (at < end) {
            int count = Math.min(end - at, PAGE - at % PAGE);
            target.put(put, pages.get(at / PAGE), at % PAGE, count);
            at += count;
            put += count;
        }
    }

    /** Forgets the bytes from {@code end} on; returns the pages that are free now. */
    List<ByteBuffer> cut(long end) {
        length = (int) (end - start);
        int kept = (length + PAGE - 1) / PAGE;
        List<ByteBuffer> tail = pages.subList(kept, pages.size());
        List<ByteBuffer> free = new ArrayList<>(tail);
        tail.clear();
        return free;
    }

    /** The bytes, page by page. */
    List<DataRecord.Part> parts() {
        List<DataRecord.Part> parts = new ArrayList<>(pages.size());
        for (int at = 0; at < length; at += PAGE) {
            int page = at / PAGE;
            ByteBuffer bytes = pages.get(page).slice(0, Math.min(PAGE, length - at));
            boolean known = bytes.remaining() == PAGE && summed.get(page);
            parts.add(known ? new DataRecord.Part(bytes, true, sums[page]) : DataRecord.Part.of(bytes));
        }
        return parts;
    }
}
