package org.qsfs.fuse.system;

import java.io.IOException;

/** A system call failed. */
public final class SystemCallException extends IOException {
    private static final long serialVersionUID = 1;

    private final int errorNumber;

    public SystemCallException(String call, int errorNumber) {
        super(call + " failed with error number " + errorNumber);
        this.errorNumber = errorNumber;
    }

    /** As in errno.h, positive. */
    public int errorNumber() {
        return errorNumber;
    }
}
