package org.qsfs.fs.data;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.rows.RowCursor;
import org.qsfs.fs.rows.RowReader;

/**
 * Decoded extents by windows of 1 MiB: the window of an extent is that of its first byte. No extent is longer than a window, so a byte of a file
 * is covered by an extent of its own window or of the one before.
 *
 * <p>Exact under the changeLock or the lock of the file's {@link FileData}: who reads extents holds one of them, who changes them both.
 */
final class ExtentCache {
    static final int WINDOW_BITS = 20;

    private static final ExtentRow[] NONE = {};
    private static final int WINDOW_COST = 2;

    private final RowReader rows;
    private final Cache<Key, ExtentRow[]> windows;

    private record Key(long inode, long window) {}

    /** @param extents about how many are kept */
    ExtentCache(RowReader rows, int extents) {
        this.rows = rows;
        this.windows = Caffeine.newBuilder()
                .maximumWeight(extents)
                .weigher((Key key, ExtentRow[] window) -> window.length + WINDOW_COST)
                .executor(Runnable::run)
                .build();
    }

    static long windowOf(long offset) {
        return offset >>> WINDOW_BITS;
    }

    /** The extents that begin in a window, ascending. Must not be changed. */
    ExtentRow[] window(long inode, long window) throws FsException {
        Key key = new Key(inode, window);
        ExtentRow[] cached = windows.getIfPresent(key);
        if (cached == null) {
            cached = load(inode, window);
            windows.put(key, cached);
        }
        return cached;
    }

    /** Extents that cover some of {@code [from, to)}, ascending; for ranges of a few windows. */
    List<ExtentRow> overlapping(long inode, long from, long to) throws FsException {
        List<ExtentRow> found = new ArrayList<>();
        long last = windowOf(to - 1);
        for (long window = Math.max(0, windowOf(from) - 1); window <= last; window++) {
            ExtentRow[] extents = window(inode, window);
            for (int i = ExtentList.firstEndingAfter(extents, extents.length, from);
                    i < extents.length && extents[i].offset() < to;
                    i++) {
                found.add(extents[i]);
            }
        }
        return found;
    }

    /** Bytes of {@code [from, to)} that extents cover, for any range. */
    long covered(long inode, long from, long to) throws FsException {
        long covered = 0;
        for (ExtentRow extent : overlapping(inode, from, from + 1)) {
            if (extent.offset() < from) {
                covered += Math.min(extent.end(), to) - from;
            }
        }
        RowCursor cursor = rows.scan(Rows.extentKey(inode, from), end(inode, to));
        while (cursor.next()) {
            ExtentRow extent = ExtentRow.decode(cursor.key(), cursor.value());
            covered += Math.min(extent.end(), to) - extent.offset();
        }
        return covered;
    }

    /** The windows in which extents of {@code [from, to)} begin, for any range. At most {@code limit} extents are looked at. */
    List<Long> windowsWithExtents(long inode, long from, long to, int limit) throws FsException {
        List<Long> found = new ArrayList<>();
        RowCursor cursor = rows.scan(Rows.extentKey(inode, from), end(inode, to));
        for (int i = 0; i < limit && cursor.next(); i++) {
            long window = windowOf(Rows.second(cursor.key()));
            if (found.isEmpty() || found.getLast() != window) {
                found.add(window);
            }
        }
        return found;
    }

    /**
     * Cuts {@code [from, to)} into ranges in each of which at most {@code limit} extents begin.
     *
     * @return the starts of the ranges, ascending, the first is {@code from}
     */
    List<Long> batches(long inode, long from, long to, int limit) throws FsException {
        List<Long> starts = new ArrayList<>(List.of(from));
        RowCursor cursor = rows.scan(Rows.extentKey(inode, from), end(inode, to));
        for (int i = 0; cursor.next(); i++) {
            if (i == limit) {
                starts.add(Rows.second(cursor.key()));
                i = 0;
            }
        }
        return starts;
    }

    /** The largest end, not beyond {@code to}, of a range from {@code from} in which at most {@code limit} extents begin. */
    long boundedEnd(long inode, long from, long to, int limit) throws FsException {
        RowCursor cursor = rows.scan(Rows.extentKey(inode, from), end(inode, to));
        for (int i = 0; cursor.next(); i++) {
            if (i == limit) {
                return Rows.second(cursor.key());
            }
        }
        return to;
    }

    /** The first extent that begins at or behind an offset and before another, or null. */
    @Nullable
    ExtentRow next(long inode, long from, long to) throws FsException {
        RowCursor cursor = rows.scan(Rows.extentKey(inode, from), end(inode, to));
        return cursor.next() ? ExtentRow.decode(cursor.key(), cursor.value()) : null;
    }

    private static byte[] end(long inode, long to) {
        return to == Long.MAX_VALUE ? Rows.endOf('E', inode) : Rows.extentKey(inode, to);
    }

    void put(long inode, long window, ExtentRow[] extents) {
        windows.put(new Key(inode, window), extents);
    }

    private ExtentRow[] load(long inode, long window) throws FsException {
        long start = window << WINDOW_BITS;
        long end = start + (1L << WINDOW_BITS);
        RowCursor cursor =
                rows.scan(Rows.extentKey(inode, start), end < 0 ? Rows.endOf('E', inode) : Rows.extentKey(inode, end));
        ExtentRow[] extents = NONE;
        int count = 0;
        while (cursor.next()) {
            if (count == extents.length) {
                extents = Arrays.copyOf(extents, Math.max(4, count * 2));
            }
            extents[count++] = ExtentRow.decode(cursor.key(), cursor.value());
        }
        return count == extents.length ? extents : Arrays.copyOf(extents, count);
    }
}
