package org.qsfs.fs;

/**
 * Asked before anything that takes space is acknowledged. May wait, with a deadline, to slow writers down; must not hold locks of the
 * filesystem's callers. Called by many threads.
 */
@FunctionalInterface
public interface SpaceReservation {
    /**
     * Some bytes are about to be written to the log.
     *
     * @throws FsException ENOSPC when there is no room for them
     */
    void reserve(long bytes) throws FsException;

    /** Both must have room. */
    default SpaceReservation and(SpaceReservation other) {
        return bytes -> {
            reserve(bytes);
            other.reserve(bytes);
        };
    }

    /** There is always room. */
    SpaceReservation UNLIMITED = bytes -> {};
}
