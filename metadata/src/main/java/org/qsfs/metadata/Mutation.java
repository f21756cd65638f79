package org.qsfs.metadata;

/** One change of a {@link CatalogTransaction}. */
public sealed interface Mutation {

    String key();

    /** Writes a value of at most {@link CatalogTransaction#MAX_BYTES}. */
    @SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
    record Put(String key, byte[] value) implements Mutation {
        public Put {
            CatalogKeys.check(key);
        }
    }

    /** Removes a key; nothing happens when there is none. */
    record Delete(String key) implements Mutation {
        public Delete {
            CatalogKeys.check(key);
        }
    }
}
