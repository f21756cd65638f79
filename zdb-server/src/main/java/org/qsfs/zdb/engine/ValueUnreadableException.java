package org.qsfs.zdb.engine;

import java.io.IOException;

/** A value that should be there cannot be given: its data file is not there, or its bytes have the wrong checksum. */
public final class ValueUnreadableException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean damaged;

    private ValueUnreadableException(String message, boolean damaged) {
        super(message);
        this.damaged = damaged;
    }

    static ValueUnreadableException missing(java.nio.file.Path file) {
        return new ValueUnreadableException(
                file + " is not on the local disk; restore it, or give a hook that does", false);
    }

    static ValueUnreadableException misplaced(java.nio.file.Path file, long offset) {
        return new ValueUnreadableException(
                "%s: at %d there is not the entry that the index means; restore the file from a copy"
                        .formatted(file, offset),
                true);
    }

    static ValueUnreadableException damaged(java.nio.file.Path file, long offset, int found, int expected) {
        return new ValueUnreadableException(
                "%s: the value of the entry at %d has checksum %08x, %08x expected; restore the file from a copy"
                        .formatted(file, offset, found, expected),
                true);
    }

    /** Whether bytes were read and are wrong. */
    public boolean isDamaged() {
        return damaged;
    }
}
