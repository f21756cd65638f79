package org.qsfs.zdb.log;

import java.io.IOException;

/** A write or fsync of this log failed before; it accepts nothing until it is opened again. The cause is that failure. */
public final class LogFailedException extends IOException {
    private static final long serialVersionUID = 1;

    public LogFailedException(String log, IOException cause) {
        super(
                "log " + log + " stopped after a failed write: " + cause.getMessage()
                        + "; free space or repair the disk, then open it again",
                cause);
    }
}
