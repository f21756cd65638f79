package org.qsfs.fs.data;

import org.qsfs.fs.Timestamp;
import org.qsfs.fs.format.InodeRow.Times;

/** Times of a file after its content has changed. */
final class FileTimes {
    private FileTimes() {}

    /** Written at a time that may be older than a later change of attributes. */
    static Times written(Times times, Timestamp at) {
        Timestamp changed = times.changed().compareTo(at) > 0 ? times.changed() : at;
        return times.withModified(at).withChanged(changed);
    }
}
