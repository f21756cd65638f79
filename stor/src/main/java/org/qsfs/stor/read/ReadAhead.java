package org.qsfs.stor.read;

import java.util.LinkedHashMap;
import java.util.Map;
import org.qsfs.encryption.AttemptId;

/**
 * Notices who reads a segment from front to back, and says how many stripes to fetch before they are asked for: none for the first stripe or after a jump, one when the
 * next stripe follows, two from then on.
 *
 * <p>Thread-safe. Several readers of one segment are seen as one; then they may look like jumps, which costs time only.
 */
final class ReadAhead {
    private static final int MOST_READERS = 64;
    private static final int MOST_STRIPES = 2;

    private final LinkedHashMap<AttemptId, Progress> readers = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<AttemptId, Progress> eldest) {
            return size() > MOST_READERS;
        }
    };

    /**
     * Where a reader is.
     *
     * @param last stripe that was read last
     * @param steps how often the next one followed
     */
    private record Progress(int last, int steps) {}

    /**
     * A read touched some stripes.
     *
     * @return how many stripes behind the last one to fetch; 0 unless the read came to a new stripe
     */
    synchronized int read(AttemptId attempt, int first, int last) {
        Progress before = readers.get(attempt);
        if (before == null || first < before.last() || first > before.last() + 1) {
            readers.put(attempt, new Progress(last, last > first ? 1 : 0));
            return last > first ? 1 : 0;
        }
        if (last == before.last()) {
            return 0;
        }
        readers.put(attempt, new Progress(last, before.steps() + 1));
        return Math.min(MOST_STRIPES, before.steps() + 1);
    }
}
