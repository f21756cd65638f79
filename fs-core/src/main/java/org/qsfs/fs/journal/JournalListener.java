package org.qsfs.fs.journal;

/** Told what happens to a journal. Called under its locks: must return soon and not call the journal. */
public interface JournalListener {
    /** A meta segment was closed: its file and those of the data segments it needs are durable and do not change any more. In order. */
    void metaSegmentClosed(MetaRoll roll);

    /** The volume is read-only from now on. Called once. */
    void failed(String reason, Throwable cause);

    /** Listens to nothing. */
    JournalListener NONE = new JournalListener() {
        @Override
        public void metaSegmentClosed(MetaRoll roll) {}

        @Override
        public void failed(String reason, Throwable cause) {}
    };
}
