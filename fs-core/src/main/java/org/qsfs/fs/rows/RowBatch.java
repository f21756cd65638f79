package org.qsfs.fs.rows;

import java.util.List;

/**
 * The rows of one transaction.
 *
 * @param sequence of the transaction; grows by one from batch to batch
 * @param rows in the order of their changes; of two with the same key the later counts
 * @param mark what the journal wants to find beside the rows when it opens the index again: its position and the counters behind this transaction
 */
public record RowBatch(long sequence, List<Row> rows, byte[] mark) {
    private static final int OVERHEAD_BYTES = 96;

    long footprint() {
        long bytes = (long) OVERHEAD_BYTES + mark.length;
        for (Row row : rows) {
            bytes += row.footprint();
        }
        return bytes;
    }
}
