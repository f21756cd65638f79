package org.qsfs.zdb.client;

import org.jspecify.annotations.Nullable;

/**
 * A call failed. The message names server, namespace, command and what was found.
 *
 * <p>After any of these a write may or may not have happened, except where the server refused it ({@link NoSpace},
 * {@link Locked}, {@link Frozen}, {@link ReadOnly}, {@link Denied}, {@link NamespaceMissing}).
 */
public abstract sealed class ZdbException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private ZdbException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** No connection, or it broke: name not resolved, refused, reset, closed in the middle. */
    public static final class Unreachable extends ZdbException {
        private static final long serialVersionUID = 1;

        /** Public, so that whoever guards a client can refuse a call in the same way. */
        public Unreachable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The deadline passed. */
    public static final class Timeout extends ZdbException {
        private static final long serialVersionUID = 1;

        Timeout(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The calling thread was interrupted; its interrupt flag is set again. */
    public static final class Cancelled extends ZdbException {
        private static final long serialVersionUID = 1;

        Cancelled(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The namespace has reached its size limit. */
    public static final class NoSpace extends ZdbException {
        private static final long serialVersionUID = 1;

        NoSpace(String message) {
            super(message, null);
        }
    }

    /** An administrator made the namespace read-only for some time. */
    public static final class Locked extends ZdbException {
        private static final long serialVersionUID = 1;

        Locked(String message) {
            super(message, null);
        }
    }

    /** An administrator closed the namespace for some time. */
    public static final class Frozen extends ZdbException {
        private static final long serialVersionUID = 1;

        Frozen(String message) {
            super(message, null);
        }
    }

    /** The namespace was selected without its password, so it can only be read. */
    public static final class ReadOnly extends ZdbException {
        private static final long serialVersionUID = 1;

        ReadOnly(String message) {
            super(message, null);
        }
    }

    /** Wrong or missing password, or not an administrator. */
    public static final class Denied extends ZdbException {
        private static final long serialVersionUID = 1;

        Denied(String message) {
            super(message, null);
        }
    }

    /** There is no such namespace, or it was removed meanwhile. */
    public static final class NamespaceMissing extends ZdbException {
        private static final long serialVersionUID = 1;

        NamespaceMissing(String message) {
            super(message, null);
        }
    }

    /** The key exists but the server cannot read its value (disk error, wrong checksum, missing data file). */
    public static final class Unreadable extends ZdbException {
        private static final long serialVersionUID = 1;

        Unreadable(String message) {
            super(message, null);
        }
    }

    /** The server answered something that is no answer to the command: it is no zdb, or it is broken. */
    public static final class Protocol extends ZdbException {
        private static final long serialVersionUID = 1;

        Protocol(String message) {
            super(message, null);
        }
    }

    /** The server refused the command for another reason, which the message quotes. */
    public static final class Rejected extends ZdbException {
        private static final long serialVersionUID = 1;

        Rejected(String message) {
            super(message, null);
        }
    }
}
