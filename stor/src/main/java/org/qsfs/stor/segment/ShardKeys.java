package org.qsfs.stor.segment;

import java.util.List;
import java.util.OptionalLong;

/** Under which keys a backend keeps the values of one shard: one value per stripe. */
public sealed interface ShardKeys {
    /** In a user-mode namespace: each value under its shard name, which follows from volume, attempt, stripe and shard. */
    record Named() implements ShardKeys {}

    /**
     * In a sequential namespace: each value under the id that the server gave. An id means nothing in another namespace, nor in the same one after it was emptied, so the incarnation belongs
     * to it.
     *
     * @param incarnation of the namespace, see {@code FrontPage}
     * @param ids id per stripe, from stripe 0; {@link #UNKNOWN} for those of which none was acknowledged. Stripes behind the last known one are left out
     */
    record Sequential(long incarnation, List<Long> ids) implements ShardKeys {
        /** Stands for the id of a value that was not written, or not acknowledged. */
        public static final long UNKNOWN = -1;

        /** Larger ids are refused; they leave room for arithmetic. */
        public static final long MAX_ID = 1L << 62;

        public Sequential {
            int known = ids.size();
            while (known > 0 && ids.get(known - 1) == UNKNOWN) {
                known--;
            }
            ids = List.copyOf(ids.subList(0, known));
            if (!ids.stream().allMatch(id -> id >= UNKNOWN && id <= MAX_ID)) {
                throw new IllegalArgumentException("ids " + ids + ", expected 0 to " + MAX_ID);
            }
        }

        /** The id of a stripe's value; empty when it is not known. */
        public OptionalLong id(int stripe) {
            return stripe < ids.size() && ids.get(stripe) != UNKNOWN
                    ? OptionalLong.of(ids.get(stripe))
                    : OptionalLong.empty();
        }

        /** Whether values may be there whose ids are not known. */
        public boolean isOpen(int stripes) {
            return ids.size() < stripes || ids.contains(UNKNOWN);
        }
    }

    /** The keys of a user-mode namespace. */
    ShardKeys NAMED = new Named();
}
