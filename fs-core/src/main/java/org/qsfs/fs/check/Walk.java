package org.qsfs.fs.check;

import org.qsfs.fs.FsException;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.rows.RowCursor;
import org.qsfs.fs.rows.RowReader;

/** A walk over a table that stands on a row, or behind the last one. */
final class Walk {
    private final RowCursor cursor;
    private boolean there;

    Walk(RowReader rows, char table) throws FsException {
        this.cursor = rows.scan(Rows.tableStart(table), Rows.tableEnd(table));
        next();
    }

    /** Walks over the rows of a table from one number on, and before another. */
    Walk(RowReader rows, byte[] from, byte[] to) throws FsException {
        this.cursor = rows.scan(from, to);
        next();
    }

    boolean hasRow() {
        return there;
    }

    boolean isAt(long first) {
        return there && first() == first;
    }

    /** The first number of the key. */
    long first() {
        return Rows.first(cursor.key());
    }

    byte[] key() {
        return cursor.key();
    }

    byte[] value() {
        return cursor.value();
    }

    void next() throws FsException {
        there = cursor.next();
    }
}
