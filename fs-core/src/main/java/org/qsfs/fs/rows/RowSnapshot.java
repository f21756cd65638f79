package org.qsfs.fs.rows;

import java.io.IOException;
import java.util.List;

/** The rows as of one transaction, readable while later ones are applied. */
public final class RowSnapshot implements AutoCloseable {
    private final HealingIndex index;
    private final RowIndex.Pin pin;
    private final RowIndex from;
    private final long sequence;
    private final byte[] mark;

    RowSnapshot(HealingIndex index, RowIndex from, RowIndex.Pin pin, long sequence, byte[] mark) {
        this.index = index;
        this.from = from;
        this.pin = pin;
        this.sequence = sequence;
        this.mark = mark;
    }

    /** The transaction. */
    public long sequence() {
        return sequence;
    }

    public byte[] mark() {
        return mark;
    }

    /** The first {@code limit} rows with keys not below {@code first}; throws when the index was damaged, which is then repaired: begin anew. */
    public List<Row> rows(byte[] first, int limit) throws IOException {
        try {
            return pin.rows(first, limit);
        } catch (IndexDamagedException e) {
            index.replace(from, e);
            throw e;
        }
    }

    /** Throws like {@link #rows} when the index counts another number of rows than were read. */
    public void requireSize(long read) throws IOException {
        try {
            long counted = pin.size();
            if (counted != read) {
                throw new IndexDamagedException("the index counts " + counted + " rows, " + read + " could be read");
            }
        } catch (IndexDamagedException e) {
            index.replace(from, e);
            throw e;
        }
    }

    @Override
    public void close() {
        pin.close();
    }
}
