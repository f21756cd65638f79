package org.qsfs.fs;

import org.qsfs.fs.inode.TransactionLog;
import org.qsfs.fs.journal.Journal;
import org.qsfs.fs.journal.Transaction;
import org.qsfs.fs.journal.VolumeCounters;

/** The journal as the filesystem sees it. */
record JournalTransactions(Journal journal) implements TransactionLog {
    @Override
    public VolumeCounters counters() {
        return journal.counters();
    }

    @Override
    public void commit(Transaction transaction) throws FsException {
        journal.commit(transaction);
    }

    @Override
    public void sync() throws FsException {
        if (journal.unsynced()) {
            journal.sync();
        }
    }

    @Override
    public void fail(String reason, Throwable cause) {
        journal.fail(reason, cause);
    }
}
