package org.qsfs.zdb.engine;

/** What became of a SET or DEL. */
public sealed interface WriteOutcome {
    /** It was made; {@code commit} tells when it is durable. In sequential mode {@code key} is the number given. */
    @SuppressWarnings("ArrayRecordComponent") // keys are bytes; records are not compared
    record Done(byte[] key, Commit commit) implements WriteOutcome {}

    /** The key has this value already; nothing was written, the time stays. {@code commit} tells when that value is durable. */
    record Unchanged(Commit commit) implements WriteOutcome {}

    /** It was not made. */
    record Refused(Refusal why) implements WriteOutcome {}

    /** Why a write is not made. */
    enum Refusal {
        FROZEN,
        LOCKED,
        /** The key exists and the namespace is in worm mode. */
        WORM,
        /** The limit of the namespace would be passed. */
        NO_SPACE,
        /** User mode: the key is empty. */
        KEY_NEEDED,
        /** Sequential mode: the key is no live number. */
        UPDATE_ONLY,
        NOT_FOUND
    }
}
