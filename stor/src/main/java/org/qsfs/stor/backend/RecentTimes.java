package org.qsfs.stor.backend;

import java.util.Arrays;

/** The last few times that something took. Their median is what it usually takes: a single slow one does not count. Not thread-safe. */
final class RecentTimes {
    private static final int KEPT = 5;

    private final long[] times = new long[KEPT];
    private long count;

    void add(long nanos) {
        times[(int) (count++ % KEPT)] = nanos;
    }

    /** The lower one when there are two; 0 when there is none. */
    long median() {
        int kept = (int) Math.min(count, KEPT);
        long[] sorted = Arrays.copyOf(times, kept);
        Arrays.sort(sorted);
        return kept == 0 ? 0 : sorted[(kept - 1) / 2];
    }
}
