package org.qsfs.zdb.engine;

import java.io.IOException;

/** A write did not reach the files; the old value stays. */
public final class WriteFailedException extends IOException {
    private static final long serialVersionUID = 1;

    /** Which file refused it. */
    public enum Part {
        DATA,
        INDEX
    }

    private final Part part;

    WriteFailedException(Part part, IOException cause) {
        super(cause.getMessage(), cause);
        this.part = part;
    }

    public Part part() {
        return part;
    }
}
