package org.qsfs.fs.offload;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Waits between tries: they double from one second to one minute, and each is drawn between half and the whole of it so that many do not come at once. */
final class Backoff {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private Backoff() {}

    /** @param failures how many tries failed in a row, at least 1 */
    static Duration after(int failures) {
        long millis = Math.min(LONGEST.toMillis(), FIRST.toMillis() << Math.min(failures - 1, 16));
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
    }
}
