package org.qsfs.metadata.zdb;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A value that was read, or its deletion.
 *
 * @param value null when the key was deleted
 */
@SuppressWarnings("ArrayRecordComponent") // compared by epoch and revision, never by value
record Version(String key, long epoch, long revision, byte @Nullable [] value) {
    static final Comparator<Version> ORDER =
            Comparator.comparingLong(Version::epoch).thenComparingLong(Version::revision);
}
