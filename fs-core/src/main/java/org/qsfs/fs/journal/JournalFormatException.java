package org.qsfs.fs.journal;

import java.io.IOException;

/** Bytes that are not the journal entry they should be. */
final class JournalFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    JournalFormatException(String message) {
        super(message);
    }
}
