package org.qsfs.stor.segment;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The stor engine could not do what was asked. The message names the thing, what was found, what was expected and what to do next. */
public abstract sealed class StorException extends IOException {
    private static final long serialVersionUID = 1L;

    private StorException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Bytes of a record, header or shard are not what their format says. */
    public static final class Damaged extends StorException {
        private static final long serialVersionUID = 1L;

        public Damaged(String message) {
            super(message, null);
        }
    }

    /** Bytes were written in a later version of a format. */
    public static final class TooNew extends StorException {
        private static final long serialVersionUID = 1L;

        public TooNew(String what, int found, int known) {
            super(
                    what + " has format version " + found + ", this program knows versions up to " + known
                            + "; install a newer qsfs",
                    null);
        }
    }

    /** The catalog has no readable copy of the segment: no record, or one that is not stored yet, or one being deleted. */
    public static final class NotStored extends StorException {
        private static final long serialVersionUID = 1L;

        public NotStored(SegmentId segment, String found) {
            super("segment " + segment + " is not on the backends: " + found, null);
        }
    }

    /** Fewer than k good shards could be read. */
    public static final class Unreadable extends StorException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial") // an unmodifiable list of records of strings
        private final List<BackendFailure> failures;

        private final int found;

        public Unreadable(String what, int found, int needed, List<BackendFailure> failures) {
            super(
                    what + ": " + found + " good shards found, " + needed
                            + " needed; start or reach more of its backends (" + listed(failures) + ")",
                    null);
            this.failures = List.copyOf(failures);
            this.found = found;
        }

        /** Good shards that were found. */
        public int found() {
            return found;
        }

        /** The shards that could not be read, by backend. */
        public List<BackendFailure> failures() {
            return failures;
        }
    }

    /** Fewer shards than the write quorum could be written. What was written is garbage, which the next attempt deletes. */
    public static final class UploadFailed extends StorException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial") // an unmodifiable list of records of strings
        private final List<BackendFailure> failures;

        public UploadFailed(SegmentId segment, int written, int quorum, int all, List<BackendFailure> failures) {
            super(
                    "upload of segment " + segment + ": " + written + " of " + all + " shards written, at least "
                            + quorum + " needed; start or add backends (" + listed(failures) + ")",
                    null);
            this.failures = List.copyOf(failures);
        }

        /** Why each backend that was tried failed. */
        public List<BackendFailure> failures() {
            return failures;
        }
    }

    /** Fewer backends took a copy than must have one. */
    public static final class TooFewCopies extends StorException {
        private static final long serialVersionUID = 1L;

        public TooFewCopies(String what, int found, int needed, List<BackendFailure> failures) {
            super(
                    what + " was written to " + found + " backends, at least " + needed
                            + " are needed; start more of them and try again (" + listed(failures) + ")",
                    null);
        }
    }

    /** No choice of backends keeps the redundancy policy. */
    public static final class NoPlacement extends StorException {
        private static final long serialVersionUID = 1L;

        public NoPlacement(String message) {
            super(message, null);
        }
    }

    /** Backends were to be removed that hold what nobody else has. Nothing was changed. */
    public static final class LastCopies extends StorException {
        private static final long serialVersionUID = 1L;

        public LastCopies(Collection<BackendId> leaving, long segments, long lastCopies) {
            super(
                    "backends " + leaving + " hold shards of " + segments + " segments, and " + lastCopies
                            + " of these cannot be read without them: too few of their shards are elsewhere; drain the backends first,"
                            + " with every other one up: qsfs backend drain ID",
                    null);
        }
    }

    /** A record in the catalog is not what this process last saw: somebody else changed it. Nothing was changed. */
    public static final class Conflict extends StorException {
        private static final long serialVersionUID = 1L;

        public Conflict(String message) {
            super(message, null);
        }
    }

    /** Nothing is stored under that name. */
    public static final class NoSuchObject extends StorException {
        private static final long serialVersionUID = 1L;

        public NoSuchObject(String message) {
            super(message, null);
        }
    }

    /** A file cannot be stored as it is. */
    public static final class ObjectRefused extends StorException {
        private static final long serialVersionUID = 1L;

        public ObjectRefused(String message) {
            super(message, null);
        }
    }

    /** This engine may not write: it was opened for reading, or another writer took over, or it was closed. */
    public static final class NotWriter extends StorException {
        private static final long serialVersionUID = 1L;

        public NotWriter(String message) {
            super(message, null);
        }
    }

    /** The catalog could not be reached or did not accept a change. */
    public static final class CatalogFailed extends StorException {
        private static final long serialVersionUID = 1L;

        public CatalogFailed(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** A backend holds another volume's data, or is another backend of this volume than configured. */
    public static final class WrongBackend extends StorException {
        private static final long serialVersionUID = 1L;

        public WrongBackend(String message) {
            super(message, null);
        }
    }

    /** The file to store is not what it has to be. */
    public static final class BadSource extends StorException {
        private static final long serialVersionUID = 1L;

        public BadSource(String message) {
            super(message, null);
        }
    }

    private static String listed(List<BackendFailure> failures) {
        return failures.isEmpty()
                ? "no backend was tried"
                : failures.stream().map(BackendFailure::toString).distinct().collect(Collectors.joining("; "));
    }
}
