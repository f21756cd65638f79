package org.qsfs.fs.rows;

import org.qsfs.fs.FsException;

/** A walk over rows: stands before the first one at the beginning. For one thread at a time. */
public interface RowCursor {
    /** Goes to the next row; false when there is none. */
    boolean next() throws FsException;

    /** Key of the current row. */
    byte[] key();

    /** Value of the current row. */
    byte[] value();
}
