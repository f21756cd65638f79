package org.qsfs.stor.segment;

/**
 * Where one shard of a segment is.
 *
 * @param backend the backend that has it, or is to have it
 * @param state what is known of it there
 * @param keys under which keys
 */
public record ShardPlace(BackendId backend, ShardState state, ShardKeys keys) {
    /** A shard in a user-mode namespace. */
    public ShardPlace(BackendId backend, ShardState state) {
        this(backend, state, ShardKeys.NAMED);
    }

    /** The same place with another state. */
    public ShardPlace with(ShardState next) {
        return new ShardPlace(backend, next, keys);
    }
}
