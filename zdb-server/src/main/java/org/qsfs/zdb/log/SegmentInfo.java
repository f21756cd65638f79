package org.qsfs.zdb.log;

/**
 * What is known locally about a segment.
 *
 * @param length bytes of {@code dN}; -1 when it is not local
 * @param local whether {@code dN} is on the local disk
 * @param indexed whether {@code iN} is on the local disk
 * @param heat how recently and often {@code dN} was read or written since this process opened it: each access counts 1, halved every hour
 */
public record SegmentInfo(int number, long length, boolean local, boolean indexed, State state, double heat) {
    /** ACTIVE is appended to; CLOSED never changes again. */
    public enum State {
        ACTIVE,
        CLOSED
    }
}
