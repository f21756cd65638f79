package org.qsfs.stor.stripe;

/** What the check of one shard's value found. */
public sealed interface ShardCheck {
    /** It is the shard that was asked for, whole and unchanged. */
    record Good(ShardHeader header) implements ShardCheck {}

    /** It is not; with what was found, for people. */
    record Bad(String reason) implements ShardCheck {}
}
