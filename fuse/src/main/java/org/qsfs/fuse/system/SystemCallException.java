package org.qsfs.fuse.system;

import java.io.IOException;

/** A system call failed. */
public final class SystemCallException extends IOException {
    private static final long serialVersionUID = 1;

    /** @param errorNumber as in errno.h, positive */
    public SystemCallException(String call, int errorNumber) {
        super(call + " failed with error number " + errorNumber);
    }
}
