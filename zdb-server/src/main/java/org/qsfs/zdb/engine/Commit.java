package org.qsfs.zdb.engine;

import java.io.IOException;

/**
 * A write that was made and may not be durable yet.
 *
 * @param position in the journal of the store
 */
public record Commit(Store store, long position) {
    /** Returns when the write is as durable as the sync mode promises. */
    public void await() throws WriteFailedException {
        try {
            store.awaitCommit(position);
        } catch (IOException e) {
            throw new WriteFailedException(WriteFailedException.Part.DATA, e);
        }
    }
}
