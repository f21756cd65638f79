package org.qsfs.zdb.log;

/**
 * A boundary between entries: everything before it, in order of segments and offsets, precedes it.
 *
 * @param segment number of the segment, ≥ 0
 * @param offset in {@code dN}, less than 2^32
 */
public record LogPosition(int segment, long offset) implements Comparable<LogPosition> {
    /** Before everything. */
    public static final LogPosition START = new LogPosition(0, 0);

    public LogPosition {
        if (segment < 0 || offset < 0 || offset >= 1L << 32) {
            throw new IllegalArgumentException("no position in a log: segment " + segment + ", offset " + offset);
        }
    }

    /** A number with the same order. */
    long ticket() {
        return (long) segment << 32 | offset;
    }

    static LogPosition ofTicket(long ticket) {
        return new LogPosition((int) (ticket >>> 32), ticket & 0xffffffffL);
    }

    @Override
    public int compareTo(LogPosition other) {
        return Long.compare(ticket(), other.ticket());
    }

    @Override
    public String toString() {
        return "d" + segment + "@" + offset;
    }
}
