package org.qsfs.fs.journal;

import org.qsfs.zdb.log.LogPosition;

/**
 * A place where the journal is not what was written.
 *
 * @param position in the meta namespace
 * @param what was found, for people
 */
public record JournalDamage(LogPosition position, String what) {
    @Override
    public String toString() {
        return position + ": " + what;
    }
}
