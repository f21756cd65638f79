package org.qsfs.stor.scrub;

/** Hears how far a scrub is. */
@FunctionalInterface
public interface ScrubProgress {
    /** @param done segments looked at, of {@code total} */
    void at(long done, long total);
}
