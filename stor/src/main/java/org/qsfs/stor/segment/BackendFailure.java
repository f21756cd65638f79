package org.qsfs.stor.segment;

/**
 * What went wrong with one backend during an operation.
 *
 * @param backend id of the backend
 * @param reason what was found, for people
 */
public record BackendFailure(BackendId backend, String reason) {
    @Override
    public String toString() {
        return backend + ": " + reason;
    }
}
