package org.qsfs.fs.journal;

/** What is known to be durable; it only grows. Any thread. */
final class Durable {
    private volatile SyncedThrough through;
    private volatile long sequence;

    Durable(SyncedThrough through, long sequence) {
        this.through = through;
        this.sequence = sequence;
    }

    SyncedThrough through() {
        return through;
    }

    /** The last transaction that is durable. */
    long sequence() {
        return sequence;
    }

    synchronized void advance(SyncedThrough positions, long transaction) {
        through = through.max(positions);
        sequence = Math.max(sequence, transaction);
    }
}
