package org.qsfs.fs.data;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.qsfs.fs.format.DataRecord;

/** The written bytes of one file that are not in the log yet: ranges that do not overlap. Guarded by the lock of its file. */
final class DirtyRanges {
    private final PagePool pool;
    private final TreeMap<Long, DirtyRange> ranges = new TreeMap<>();
    private long bytes;

    DirtyRanges(PagePool pool) {
        this.pool = pool;
    }

    /** A range of a file, {@code to} exclusive. */
    record Gap(long from, long to) {}

    /** Most pages that a write of so many bytes takes. */
    static int pagesFor(int length) {
        return length / PagePool.PAGE + length / DataRecord.MAX_DATA + 3;
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** Written bytes, each byte of the file counted once. */
    long bytes() {
        return bytes;
    }

    Collection<DirtyRange> ranges() {
        return ranges.values();
    }

    /**
     * Takes all bytes of {@code source}. Bytes that are here are overwritten in place; a range that ends where the write begins
     * grows up to a record's length; ranges that the write covers are replaced.
     *
     * @return whether a range has become full
     */
    boolean write(long offset, ByteBuffer source, PagePool.Lease lease) {
        long end = offset + source.remaining();
        long at = offset;
        boolean full = false;
        Map.Entry<Long, DirtyRange> before = ranges.floorEntry(offset);
        if (before != null && before.getValue().end() >= offset) {
            DirtyRange range = before.getValue();
            Long next = ranges.higherKey(range.start());
            if (range.end() < end) {
                dropCovered(range.end(), end);
                next = ranges.higherKey(range.start());
            }
            at = put(range, at, source, next, lease);
            full = range.isFull();
        }
        if (at < end) {
            dropCovered(at, end);
        }
        while (at < end) {
            DirtyRange range = ranges.get(at);
            if (range == null) {
                range = new DirtyRange(at);
                ranges.put(at, range);
            }
            at = put(range, at, source, ranges.higherKey(range.start()), lease);
            full |= range.isFull();
        }
        return full;
    }

    /** Copies what is here of {@code [from, to)} to {@code target}, whose index 0 is {@code base}; adds the rest to {@code gaps}. */
    void read(long from, long to, ByteBuffer target, int index, List<Gap> gaps) {
        long at = from;
        if (!ranges.isEmpty()) {
            Long first = ranges.floorKey(from);
            for (DirtyRange range :
                    ranges.subMap(first == null ? from : first, true, to, false).values()) {
                if (range.end() <= at) {
                    continue;
                }
                if (range.start() > at) {
                    gaps.add(new Gap(at, range.start()));
                    at = range.start();
                }
                long end = Math.min(to, range.end());
                range.read(at, end, target, index + (int) (at - from));
                at = end;
            }
        }
        if (at < to) {
            gaps.add(new Gap(at, to));
        }
    }

    /** Gives all memory back. */
    void clear() {
        List<ByteBuffer> free = new ArrayList<>();
        for (DirtyRange range : ranges.values()) {
            free.addAll(range.cut(range.start()));
        }
        ranges.clear();
        bytes = 0;
        pool.release(free);
    }

    private long put(
            DirtyRange range,
            long at,
            ByteBuffer source,
            @org.jspecify.annotations.Nullable Long next,
            PagePool.Lease lease) {
        int longest = next == null ? DataRecord.MAX_DATA : (int) Math.min(DataRecord.MAX_DATA, next - range.start());
        int before = source.remaining();
        int length = range.length();
        range.write(at, source, longest, lease);
        bytes += range.length() - length;
        return at + (before - source.remaining());
    }

    /** Removes the ranges that lie wholly in {@code [from, to)}. */
    private void dropCovered(long from, long to) {
        var covered = ranges.subMap(from, true, to, false).values().iterator();
        while (covered.hasNext()) {
            DirtyRange range = covered.next();
            if (range.end() <= to) {
                bytes -= range.length();
                pool.release(range.cut(range.start()));
                covered.remove();
            }
        }
    }
}
