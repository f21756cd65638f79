package org.qsfs.stor.segment;

import java.util.List;

/** Under which keys a backend keeps the values of one shard: one value per stripe. */
public sealed interface ShardKeys {
    /** In a user-mode namespace: each value under its shard name, which follows from volume, attempt, stripe and shard. */
    record Named() implements ShardKeys {}

    /**
     * In a sequential namespace: each value under the id that the backend returned.
     *
     * @param start next id of the namespace when the attempt began; with {@code end} it bounds what can be an orphan
     * @param end next id when the attempt had ended, 0 when that is not known
     * @param ids id per stripe, in stripe order; shorter than the stripes while values are being written
     */
    record Sequential(long start, long end, List<Long> ids) implements ShardKeys {
        public Sequential {
            ids = List.copyOf(ids);
        }
    }

    /** The keys of a user-mode namespace. */
    ShardKeys NAMED = new Named();
}
