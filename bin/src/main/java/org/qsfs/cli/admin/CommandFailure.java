package org.qsfs.cli.admin;

/** Why a command did not do what it was asked; the message is for the user, whole and final. */
public final class CommandFailure extends Exception {
    public static final int DONE = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    /** It works, but something needs attention: a backend is down, a segment lacks shards. */
    public static final int DEGRADED = 3;

    private static final long serialVersionUID = 1;

    private final int exit;

    public CommandFailure(String message) {
        this(FAILED, message);
    }

    public CommandFailure(String message, Throwable cause) {
        super(message, cause);
        this.exit = FAILED;
    }

    public CommandFailure(int exit, String message) {
        super(message);
        this.exit = exit;
    }

    public int exit() {
        return exit;
    }
}
