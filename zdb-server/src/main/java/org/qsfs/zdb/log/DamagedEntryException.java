package org.qsfs.zdb.log;

import java.io.IOException;

/** The bytes at a location are not the entry that was appended there. */
public final class DamagedEntryException extends IOException {
    private static final long serialVersionUID = 1;

    public DamagedEntryException(String log, Location location, String found) {
        super("entry of %s in d%d at %d with a value of %d bytes is damaged: %s; fetch the stored copy of the segment"
                .formatted(log, location.segment(), location.position(), location.length(), found));
    }
}
