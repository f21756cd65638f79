package org.qsfs.stor.repair;

/**
 * Shards that were moved.
 *
 * @param shards how many
 * @param bytes their bytes before compression
 */
public record Movement(long shards, long bytes) {
    static final Movement NONE = new Movement(0, 0);

    /** Hears how far a movement is. */
    @FunctionalInterface
    public interface Progress {
        /** @param done of {@code total}, in the unit of the movement */
        void at(long done, long total);
    }

    Movement plus(long moreShards, long moreBytes) {
        return new Movement(shards + moreShards, bytes + moreBytes);
    }
}
