package org.qsfs.fs.format;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.qsfs.fs.FsException;

/**
 * Ranges of a file that fallocate(2) has promised room for, as they stand in an inode row. They count as allocated, with bytes in them or without; so they stay as they are when bytes are
 * written there.
 *
 * <pre>
 *   count varint, then for each range:
 *   distance varint              from the end of the range before, of the first from 0
 *   length varint
 * </pre>
 *
 * @param ranges ascending; they neither overlap nor touch
 */
public record Preallocation(List<Range> ranges) {
    /** More than so many are not kept, since the inode row is written with each change of the file. */
    public static final int MOST_RANGES = 64;

    /** There are no such ranges. */
    public static final Preallocation NONE = new Preallocation(List.of());

    /** Bytes from one offset up to another. */
    public record Range(long from, long to) {
        public long length() {
            return to - from;
        }

        long overlap(long otherFrom, long otherTo) {
            return Math.max(0, Math.min(to, otherTo) - Math.max(from, otherFrom));
        }
    }

    public Preallocation {
        ranges = List.copyOf(ranges);
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    public boolean isTooLong() {
        return ranges.size() > MOST_RANGES;
    }

    public long bytes() {
        return overlap(0, Long.MAX_VALUE);
    }

    /** Bytes of {@code [from, to)} that are in these ranges. */
    public long overlap(long from, long to) {
        long bytes = 0;
        for (Range range : ranges) {
            bytes += range.overlap(from, to);
        }
        return bytes;
    }

    /** What of {@code [from, to)} is in none of these ranges. */
    public List<Range> gaps(long from, long to) {
        List<Range> gaps = new ArrayList<>();
        long at = from;
        for (Range range : ranges) {
            if (range.overlap(from, to) > 0) {
                if (range.from() > at) {
                    gaps.add(new Range(at, range.from()));
                }
                at = Math.min(to, range.to());
            }
        }
        if (at < to) {
            gaps.add(new Range(at, to));
        }
        return gaps;
    }

    /** The one whose loss matters least. There must be any. */
    public Range shortest() {
        return ranges.stream().min(Comparator.comparingLong(Range::length)).orElseThrow();
    }

    public Preallocation plus(long from, long to) {
        List<Range> joined = new ArrayList<>();
        long start = from;
        long end = to;
        for (Range range : ranges) {
            if (range.from() <= to && range.to() >= from) {
                start = Math.min(start, range.from());
                end = Math.max(end, range.to());
            } else {
                joined.add(range);
            }
        }
        joined.add(new Range(start, end));
        joined.sort(Comparator.comparingLong(Range::from));
        return new Preallocation(joined);
    }

    public Preallocation minus(long from, long to) {
        if (overlap(from, to) == 0) {
            return this;
        }
        List<Range> left = new ArrayList<>();
        for (Range range : ranges) {
            if (range.overlap(from, to) == 0) {
                left.add(range);
                continue;
            }
            if (range.from() < from) {
                left.add(new Range(range.from(), from));
            }
            if (range.to() > to) {
                left.add(new Range(to, range.to()));
            }
        }
        return new Preallocation(left);
    }

    void write(RowWriter writer) {
        writer.varint(ranges.size());
        long end = 0;
        for (Range range : ranges) {
            writer.varint(range.from() - end).varint(range.length());
            end = range.to();
        }
    }

    static Preallocation read(RowParser parser) throws FsException {
        long count = parser.varint();
        if (count < 0 || count > MOST_RANGES) {
            throw parser.damaged(Long.toUnsignedString(count) + " preallocated ranges");
        }
        List<Range> ranges = new ArrayList<>();
        long end = 0;
        for (long i = 0; i < count; i++) {
            long from = end + parser.varint();
            end = from + parser.varint();
            if (from < 0 || end <= from) {
                throw parser.damaged("a preallocated range from %d to %d".formatted(from, end));
            }
            ranges.add(new Range(from, end));
        }
        return new Preallocation(ranges);
    }
}
