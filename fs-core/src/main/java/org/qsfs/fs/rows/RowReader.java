package org.qsfs.fs.rows;

import org.jspecify.annotations.Nullable;
import org.qsfs.fs.FsException;

/** Reads rows as the transactions committed so far left them. Any thread. */
public interface RowReader {
    /**
     * The value of a row, or null when there is no such row.
     *
     * @throws FsException {@code EIO} when the index is lost and could not be built again
     */
    byte @Nullable [] get(byte[] key) throws FsException;

    /**
     * Walks over the rows with {@code from <= key < toExclusive} in ascending order. Weakly consistent: rows that change meanwhile are seen as they were or as
     * they become; a row that does not change is seen exactly once. The cursor holds no resources and needs no closing.
     */
    RowCursor scan(byte[] from, byte[] toExclusive) throws FsException;
}
