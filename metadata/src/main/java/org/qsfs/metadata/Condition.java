package org.qsfs.metadata;

/** What must hold for a {@link CatalogTransaction} to be carried out. */
public sealed interface Condition {

    /** There is no such key. */
    record Absent(String key) implements Condition {
        public Absent {
            CatalogKeys.check(key);
        }
    }

    /** The key was last written by this commit. */
    record AtRevision(String key, long revision) implements Condition {
        public AtRevision {
            CatalogKeys.check(key);
        }
    }

    /** We are still the writer, and the epoch is ours. */
    record Held(WriterLease lease) implements Condition {}
}
