package org.qsfs.zdb.log;

/**
 * Where an entry is.
 *
 * @param segment number of the segment
 * @param offset of the entry header in {@code dN}, unsigned 32 bit
 * @param length bytes of the value
 */
public record Location(int segment, int offset, int length) {
    /** The offset as a number that is never negative. */
    public long position() {
        return Integer.toUnsignedLong(offset);
    }
}
