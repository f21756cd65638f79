package org.qsfs.fs.data;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.format.DataRecord;

/** The written bytes of one file that are not in the log yet: ranges that do not overlap. Guarded by the dirtyLock of its file. */
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
            Long next = range.end() < end ? dropCovered(range.end(), end) : ranges.higherKey(range.start());
            at = put(range, at, source, next, lease);
            full = range.isFull();
        }
        Long next = at < end ? dropCovered(at, end) : null;
        while (at < end) {
            DirtyRange range;
            if (next != null && next == at) {
                range = Objects.requireNonNull(ranges.get(at));
                next = ranges.higherKey(at);
            } else {
                range = new DirtyRange(at);
                ranges.put(at, range);
            }
            at = put(range, at, source, next, lease);
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

    private long put(DirtyRange range, long at, ByteBuffer source, @Nullable Long next, PagePool.Lease lease) {
        int longest = next == null ? DataRecord.MAX_DATA : (int) Math.min(DataRecord.MAX_DATA, next - range.start());
        int before = source.remaining();
        int length = range.length();
        range.write(at, source, longest, lease);
        bytes += range.length() - length;
        return at + (before - source.remaining());
    }

    /** Removes the ranges that lie wholly in {@code [from, to)}. @return the start of the first one from there on that is left, null when there is none */
    private @Nullable Long dropCovered(long from, long to) {
        Map.Entry<Long, DirtyRange> next = ranges.ceilingEntry(from);
        while (next != null && next.getValue().end() <= to) {
            DirtyRange covered = next.getValue();
            bytes -= covered.length();
            pool.release(covered.cut(covered.start()));
            ranges.remove(covered.start());
            next = ranges.higherEntry(covered.start());
        }
        return next == null ? null : next.getKey();
    }
}
