package org.qsfs.fs.rows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings changes of many transactions into an index. Collects them, and writes them sorted by key and without those that later ones replace, because each page of the
 * index is then copied once and not for each row in it.
 *
 * <p>An index that holds part of the changes has the mark from before and, as its ceiling, the mark of the last of them: applying them all again makes it whole.
 */
final class IndexWriter {
    private static final int ROWS_AT_ONCE = 256;

    private final RowIndex index;
    private final long collectBytes;
    private final long commitBytes;
    private List<Row> rows = new ArrayList<>();
    private long rowBytes;
    private byte @Nullable [] mark;

    /**
     * @param collectBytes memory for changes before they are written
     * @param commitBytes unsaved pages after which the index is committed
     */
    private IndexWriter(RowIndex index, long collectBytes, long commitBytes) {
        this.index = index;
        this.collectBytes = collectBytes;
        this.commitBytes = commitBytes;
    }

    /** A writer for many transactions at once, with bounded memory. */
    static IndexWriter loading(RowIndex index, RowStoreConfig config) {
        return new IndexWriter(index, config.overlayBytes() / 2, config.commitBytes());
    }

    /** A writer for transactions that are in memory anyway. */
    static IndexWriter applying(RowIndex index, RowStoreConfig config) {
        return new IndexWriter(index, Long.MAX_VALUE, config.commitBytes());
    }

    /** @param through mark of the transaction that ends with these changes; null when there is none to go back to before everything is written */
    void add(List<Row> changes, byte @Nullable [] through) throws IndexDamagedException {
        rows.addAll(changes);
        for (Row row : changes) {
            rowBytes += row.footprint();
        }
        mark = through;
        if (rowBytes >= collectBytes) {
            write();
        }
    }

    /** Writes what was collected. It is in the file after the next commit. */
    void write() throws IndexDamagedException {
        byte[] through = mark;
        if (through != null) {
            index.ceiling(through);
        }
        List<Row> sorted = newest(rows);
        for (int i = 0; i < sorted.size(); i += ROWS_AT_ONCE) {
            index.apply(sorted.subList(i, Math.min(i + ROWS_AT_ONCE, sorted.size())));
            if (index.unsavedBytes() >= commitBytes) {
                index.commit();
            }
        }
        if (through != null) {
            index.mark(through);
        }
        rows = new ArrayList<>();
        rowBytes = 0;
        mark = null;
    }

    /** The last change of each row, in ascending order of keys. */
    private static List<Row> newest(List<Row> changes) {
        Row[] sorted = changes.toArray(new Row[0]);
        // stable, so that of changes of one row the last stays last
        Arrays.sort(sorted, (a, b) -> Arrays.compareUnsigned(a.key(), b.key()));
        List<Row> newest = new ArrayList<>(sorted.length);
        for (int i = 0; i < sorted.length; i++) {
            if (i + 1 == sorted.length || !Arrays.equals(sorted[i].key(), sorted[i + 1].key())) {
                newest.add(sorted[i]);
            }
        }
        return newest;
    }
}
