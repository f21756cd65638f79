package org.qsfs.zdb;

/** A flag of the command line cannot be used; the message says which and why. */
public final class UsageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public UsageException(String message) {
        super(message);
    }
}
