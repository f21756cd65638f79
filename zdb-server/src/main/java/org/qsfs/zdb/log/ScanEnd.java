package org.qsfs.zdb.log;

/**
 * Where and why a scan ended.
 *
 * @param position behind the last whole entry that was visited; everything before it has been seen
 * @param detail for people: what was found
 */
public record ScanEnd(LogPosition position, Reason reason, String detail) {
    /** Why. */
    public enum Reason {
        /** Every entry was visited. */
        END,
        /** The visitor asked to stop; the position is behind the entry it stopped at. */
        STOPPED,
        /** The next entry runs past the end of its file, or the file ends in zeros, or its header is incomplete. */
        TORN,
        /** The next header cannot be one, or the file has a wrong header. */
        CORRUPT
    }

    public boolean complete() {
        return reason == Reason.END;
    }
}
