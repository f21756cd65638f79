package org.qsfs.fs.journal;

import org.qsfs.zdb.log.LogPosition;

/**
 * Everything before these two positions is durable; what a transaction before {@code meta} introduces is before {@code data}.
 *
 * @param data in the data namespace
 * @param meta in the meta namespace
 */
public record SyncedThrough(LogPosition data, LogPosition meta) {
    static final int ENCODED_BYTES = 16;

    public static final SyncedThrough NOTHING = new SyncedThrough(LogPosition.START, LogPosition.START);

    /** What both know together. */
    SyncedThrough max(SyncedThrough other) {
        return new SyncedThrough(later(data, other.data), later(meta, other.meta));
    }

    private static LogPosition later(LogPosition a, LogPosition b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    void write(FieldWriter out) {
        out.position(data).position(meta);
    }

    static SyncedThrough read(FieldReader in) throws JournalFormatException {
        return new SyncedThrough(in.position(), in.position());
    }
}
