package org.qsfs.stor.segment;

/**
 * How much of a segment is on the local disk; independent of {@link StoredState}. The journal keeps it.
 *
 * <pre>{@code
 *                evicted
 *     FULL ───────────────────► NONE
 *      ▲  ▲                     │  ▲
 *      │  └──── fetched whole ──┘  │ cache dropped
 *      │                        │  │
 *      │ last stripe fetched    ▼  │
 *      └──────────────────── PARTIAL     some stripes in the cache directory
 * }</pre>
 */
public enum LocalState {
    /** The whole data file is there. */
    FULL,
    /** Some of its stripes are in the cache directory. */
    PARTIAL,
    /** Nothing of it is on the local disk. */
    NONE;

    /** Whether a segment in this state may come into that one. No state follows itself. */
    public boolean mayBecome(LocalState next) {
        return switch (this) {
            case FULL -> next == NONE;
            case PARTIAL -> next == FULL || next == NONE;
            case NONE -> next == PARTIAL || next == FULL;
        };
    }
}
