package org.qsfs.fs.rows;

import java.io.IOException;
import java.util.List;

/** Where an index is built from: the journal with its checkpoints. */
public interface RowSource {
    /** Takes rows in order; of two with the same key the later counts. */
    interface Sink {
        void apply(List<Row> rows) throws IOException;
    }

    /**
     * Hands every row that exists after transaction {@code through}, in any number of steps that may also touch rows that no longer exist, and returns the mark
     * of that transaction.
     */
    byte[] replay(long through, Sink sink) throws IOException;
}
