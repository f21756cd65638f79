package org.qsfs.fs.inode;

import java.io.IOException;
import org.qsfs.fs.journal.Transaction;
import org.qsfs.fs.journal.VolumeCounters;

/** What the filesystem asks of its journal. */
public interface TransactionLog {
    /** The counters behind the last transaction. */
    VolumeCounters counters();

    /** Appends a transaction and makes its rows visible. */
    void commit(Transaction transaction) throws IOException;

    /** Returns when all data records and transactions appended before the call are durable. */
    void sync() throws IOException;

    /** Makes the volume read-only because the data log failed. */
    void fail(String reason, Throwable cause);
}
