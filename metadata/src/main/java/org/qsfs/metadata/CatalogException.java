package org.qsfs.metadata;

import org.jspecify.annotations.Nullable;

/** A call to a catalog failed. The message names the catalog, what was found and what to do. */
public abstract sealed class CatalogException extends RuntimeException
        permits CatalogException.Unavailable,
                CatalogException.Denied,
                CatalogException.Full,
                CatalogException.Corrupt,
                CatalogException.Failed,
                LeaseHeldException,
                SupersededException,
                CatalogBehindException {

    private static final long serialVersionUID = 1;

    CatalogException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** No answer within the deadline: unreachable, no majority, interrupted. A commit may have happened. */
    public static final class Unavailable extends CatalogException {
        private static final long serialVersionUID = 1;

        public Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Wrong user or password, missing rights, or a certificate that is not trusted. */
    public static final class Denied extends CatalogException {
        private static final long serialVersionUID = 1;

        public Denied(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The catalog has no space left. */
    public static final class Full extends CatalogException {
        private static final long serialVersionUID = 1;

        public Full(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** What is stored is damaged, or was sealed for another volume or key. */
    public static final class Corrupt extends CatalogException {
        private static final long serialVersionUID = 1;

        public Corrupt(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Anything else: a disk error, a refusal that should not happen. The catalog may refuse all further commits. */
    public static final class Failed extends CatalogException {
        private static final long serialVersionUID = 1;

        public Failed(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
