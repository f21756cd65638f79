package org.qsfs.fs.data;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.Preallocation;
import org.qsfs.fs.format.Preallocation.Range;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.format.SharedRow;
import org.qsfs.fs.inode.Change;

/**
 * Changes of the extents and the preallocation of one file within one transaction. Made under the file's changeLock; {@link #addTo}, under its lock for writing too, adds the row changes to the
 * transaction and updates the cache when that is visible.
 */
final class ExtentEdit {
    /** A range of more windows is probably sparse: look for the ones that have extents. */
    private static final int FEW_WINDOWS = 16;

    private final ExtentCache cache;
    private final long inode;
    private final Map<Long, ExtentList> windows = new HashMap<>();
    private final Set<Long> changedWindows = new HashSet<>();
    /** Row changes by file offset; null removes the row. */
    private final Map<Long, @Nullable ExtentRow> changes = new TreeMap<>();

    private Preallocation preallocation;
    private long byteDelta;

    /** @param row the file as it is */
    ExtentEdit(ExtentCache cache, InodeRow row) {
        this.cache = cache;
        this.inode = row.inode();
        this.preallocation = row.preallocation();
    }

    /** Rows that this edit changes, about. */
    int size() {
        return changes.size();
    }

    /** Bytes that extents or the preallocation cover more (or less) after this edit. */
    long byteDelta() {
        return byteDelta;
    }

    /** The row with what this edit allocates. */
    InodeRow applyTo(InodeRow row, long size) {
        return row.withSize(size, row.allocated() + byteDelta).withPreallocation(preallocation);
    }

    /** Promises room for a range. Nothing in it may have been edited before. */
    void preallocate(long from, long to) throws FsException {
        for (Range gap : preallocation.gaps(from, to)) {
            byteDelta += gap.length() - cache.covered(inode, gap.from(), gap.to());
        }
        preallocation = preallocation.plus(from, to);
        shorten();
    }

    /** Makes {@code [from, to)} a hole and gives the room back. */
    void release(long from, long to) throws FsException {
        clear(from, to);
        byteDelta -= preallocation.overlap(from, to);
        preallocation = preallocation.minus(from, to);
        shorten();
    }

    /** Breaks the promises that matter least: those are ranges in which this edit changes no bytes. */
    private void shorten() throws FsException {
        while (preallocation.isTooLong()) {
            Range lost = preallocation.shortest();
            byteDelta -= lost.length() - cache.covered(inode, lost.from(), lost.to());
            preallocation = preallocation.minus(lost.from(), lost.to());
        }
    }

    /** Bytes of an extent that are not allocated without it. */
    private long own(ExtentRow extent) {
        return preallocation.isEmpty()
                ? extent.length()
                : extent.length() - preallocation.overlap(extent.offset(), extent.end());
    }

    /** Makes a range of the file stand for the record range of {@code extent}; whatever was there is cut away. */
    void replace(ExtentRow extent) throws FsException {
        clear(extent.offset(), extent.end());
        add(extent);
    }

    /** Makes {@code [from, to)} a hole; what is preallocated stays so. */
    void clear(long from, long to) throws FsException {
        long first = ExtentCache.windowOf(from);
        long last = ExtentCache.windowOf(to - 1);
        if (first > 0) {
            clearWindow(first - 1, from, to);
        }
        clearWindow(first, from, to);
        if (last - first <= FEW_WINDOWS) {
            for (long window = first + 1; window <= last; window++) {
                clearWindow(window, from, to);
            }
        } else {
            long behind = (first + 1) << ExtentCache.WINDOW_BITS;
            for (long window : cache.windowsWithExtents(inode, behind, to, Integer.MAX_VALUE)) {
                clearWindow(window, from, to);
            }
        }
    }

    private void clearWindow(long window, long from, long to) throws FsException {
        ExtentList extents = window(window);
        int at = extents.firstEndingAfter(from);
        while (at < extents.size() && extents.get(at).offset() < to) {
            ExtentRow extent = extents.remove(at);
            removed(window, extent);
            if (extent.offset() < from) {
                add(extent.part(extent.offset(), from));
                at++;
            }
            if (extent.end() > to) {
                add(extent.part(to, extent.end()));
            }
        }
    }

    void addTo(Change change) {
        for (Map.Entry<Long, @Nullable ExtentRow> entry : changes.entrySet()) {
            byte[] key = Rows.extentKey(inode, entry.getKey());
            ExtentRow extent = entry.getValue();
            if (extent == null) {
                change.delete(key);
            } else {
                change.put(key, extent.encode(inode));
            }
        }
        change.countBytes(byteDelta);
        change.afterwards(() -> {
            for (Long window : changedWindows) {
                ExtentList extents = windows.get(window);
                if (extents != null) {
                    cache.put(inode, window, extents.toArray());
                }
            }
        });
    }

    /** Notes for the space collector that the record is used here too. */
    static void share(Change change, long inode, ExtentRow extent) {
        if (extent.isForeign(inode)) {
            change.put(
                    Rows.sharedKey(extent.record().segment(), extent.record().offset(), inode, extent.offset()),
                    new SharedRow(extent.length()).encode());
        }
    }

    private void add(ExtentRow extent) throws FsException {
        long window = ExtentCache.windowOf(extent.offset());
        window(window).add(extent);
        changedWindows.add(window);
        changes.put(extent.offset(), extent);
        byteDelta += own(extent);
    }

    private void removed(long window, ExtentRow extent) {
        changedWindows.add(window);
        changes.put(extent.offset(), null);
        byteDelta -= own(extent);
    }

    private ExtentList window(long window) throws FsException {
        ExtentList extents = windows.get(window);
        if (extents == null) {
            extents = new ExtentList(cache.window(inode, window));
            windows.put(window, extents);
        }
        return extents;
    }
}
