package org.qsfs.metadata;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Conditions and mutations that are carried out together or not at all.
 *
 * @param conditions at most {@link #MAX_OPERATIONS}
 * @param mutations at most {@link #MAX_OPERATIONS}, each key once, {@link #MAX_BYTES} in all
 */
public record CatalogTransaction(List<Condition> conditions, List<Mutation> mutations) {

    /** etcd allows 128 by default; the lease needs some. */
    public static final int MAX_OPERATIONS = 100;

    /** Keys and values together; etcd takes 1.5 MiB a request by default. */
    public static final int MAX_BYTES = 1024 * 1024;

    public CatalogTransaction {
        conditions = List.copyOf(conditions);
        mutations = List.copyOf(mutations);
        if (conditions.size() > MAX_OPERATIONS || mutations.size() > MAX_OPERATIONS) {
            throw new IllegalArgumentException("transaction of " + conditions.size() + " conditions and "
                    + mutations.size() + " mutations, at most " + MAX_OPERATIONS + " each");
        }
        Set<String> keys = new HashSet<>();
        long bytes = 0;
        for (Mutation mutation : mutations) {
            if (!keys.add(mutation.key())) {
                throw new IllegalArgumentException("transaction changes " + mutation.key() + " twice");
            }
            bytes += mutation.key().length() + (mutation instanceof Mutation.Put put ? put.value().length : 0);
        }
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException("transaction of " + bytes + " bytes, at most " + MAX_BYTES);
        }
    }

    /** An empty transaction to add to. */
    public static Builder begin() {
        return new Builder();
    }

    /** Collects a transaction. Not thread-safe. */
    public static final class Builder {

        private final List<Condition> conditions = new ArrayList<>();
        private final List<Mutation> mutations = new ArrayList<>();

        private Builder() {}

        public Builder ifHeld(WriterLease lease) {
            conditions.add(new Condition.Held(lease));
            return this;
        }

        public Builder ifAbsent(String key) {
            conditions.add(new Condition.Absent(key));
            return this;
        }

        public Builder ifRevision(String key, long revision) {
            conditions.add(new Condition.AtRevision(key, revision));
            return this;
        }

        public Builder put(String key, byte[] value) {
            mutations.add(new Mutation.Put(key, value));
            return this;
        }

        public Builder delete(String key) {
            mutations.add(new Mutation.Delete(key));
            return this;
        }

        public CatalogTransaction build() {
            return new CatalogTransaction(conditions, mutations);
        }
    }
}
