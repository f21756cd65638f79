package org.qsfs.fs.rows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.qsfs.fs.FsException;

/**
 * Walks the rows of overlay and index in steps. In each step the overlay is read first and the index afterwards: a row that has left the overlay by then is in the index already, so
 * nothing is missed, and no version of the index has to be kept while the caller takes his time.
 */
final class MergingCursor implements RowCursor {
    private static final int SMALLEST_STEP = 16;
    private static final int LARGEST_STEP = 512;

    private final Overlay overlay;
    private final HealingIndex index;
    private final byte[] end;
    private byte[] from;
    private List<Row> rows = List.of();
    private int at;
    private int step = SMALLEST_STEP;
    private boolean last;

    MergingCursor(Overlay overlay, HealingIndex index, byte[] from, byte[] end) {
        this.overlay = overlay;
        this.index = index;
        this.from = from;
        this.end = end;
        this.last = Arrays.compareUnsigned(from, end) >= 0;
    }

    @Override
    public boolean next() throws FsException {
        at++;
        while (at >= rows.size()) {
            if (last) {
                at = rows.size();
                return false;
            }
            fill();
        }
        return true;
    }

    private void fill() throws FsException {
        int limit = step;
        step = Math.min(LARGEST_STEP, step * 2);
        List<Row> recent = overlay.range(from, end, limit);
        byte[] recentEnd =
                recent.size() < limit ? end : Row.successor(recent.getLast().key());
        List<Row> older = index.read(current -> current.range(from, recentEnd, limit));
        byte[] seen =
                older.size() < limit ? recentEnd : Row.successor(older.getLast().key());
        rows = merge(recent, older, seen);
        at = 0;
        from = seen;
        last = Arrays.compareUnsigned(seen, end) >= 0;
    }

    @Override
    public byte[] key() {
        return rows.get(at).key();
    }

    @Override
    public byte[] value() {
        byte[] value = rows.get(at).value();
        if (value == null) {
            throw new IllegalStateException("a removed row was not left out of a scan");
        }
        return value;
    }

    /** Rows below {@code end} that exist: those of the overlay hide those of the index. */
    private static List<Row> merge(List<Row> recent, List<Row> older, byte[] end) {
        List<Row> merged = new ArrayList<>(recent.size() + older.size());
        int j = 0;
        for (Row row : recent) {
            if (Arrays.compareUnsigned(row.key(), end) >= 0) {
                break;
            }
            int order = -1;
            while (j < older.size()
                    && (order = Arrays.compareUnsigned(older.get(j).key(), row.key())) < 0) {
                merged.add(older.get(j++));
            }
            if (j < older.size() && order == 0) {
                j++;
            }
            if (row.value() != null) {
                merged.add(row);
            }
        }
        merged.addAll(older.subList(j, older.size()));
        return merged;
    }
}
