package org.qsfs.stor.scrub;

import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.segment.SegmentId;

/**
 * What a scrub looks at. The parts of one number of parts are disjoint and cover everything, so {@code 1/7} on Monday, {@code 2/7} on Tuesday and so on is a whole scrub
 * a week.
 *
 * @param depth how closely
 * @param part which part, from 1
 * @param parts of how many
 */
public record ScrubScope(CheckDepth depth, int part, int parts) {
    public ScrubScope {
        if (parts < 1 || part < 1 || part > parts) {
            throw new IllegalArgumentException(
                    "part " + part + "/" + parts + " of a scrub; expected 1 <= part <= parts, for instance 1/7");
        }
    }

    /** Everything. */
    public static ScrubScope all(CheckDepth depth) {
        return new ScrubScope(depth, 1, 1);
    }

    boolean contains(SegmentId id) {
        return id.number() % parts == part - 1;
    }
}
