package org.qsfs.fuse.conformance;

import java.util.Set;

/**
 * One rule.
 *
 * @param name a sentence, unique
 * @param promised whether a mount must obey it even where the host's filesystem does not (its files are smaller, its attributes shorter)
 * @param needs what a binding must be able to do; the rule is skipped on others
 */
record Rule(String name, boolean promised, Set<Ability> needs, Check check) {
    /** What not every binding can. */
    enum Ability {
        /** Not with libfuse 2. */
        RENAME_FLAGS,
        /** Not with libfuse 2. */
        HOLES,
        /** Not with libfuse 2. */
        ACCESS_LISTS,
        /** Not with libfuse 2. */
        NAMELESS_FILES,
        /** Not with libfuse 2. */
        BIRTH_TIME,
        /** Not with the writeback cache, where the kernel says when a file was changed. */
        OWN_TIMES,
        /** Not with the writeback cache, where the kernel takes writes and passes them on later. */
        OWN_WRITES
    }

    /** Makes the calls and asserts their results. */
    interface Check {
        void run(Place p) throws Exception;
    }

    static Rule rule(String name, Check check) {
        return new Rule(name, false, Set.of(), check);
    }

    static Rule rule(String name, Ability needed, Check check) {
        return new Rule(name, false, Set.of(needed), check);
    }

    static Rule promise(String name, Check check) {
        return new Rule(name, true, Set.of(), check);
    }
}
