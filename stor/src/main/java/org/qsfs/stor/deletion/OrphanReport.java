package org.qsfs.stor.deletion;

import java.util.List;
import org.qsfs.stor.segment.BackendFailure;

/**
 * What a collection of orphans found.
 *
 * @param shards shards that no record names
 * @param values their values
 * @param bytes bytes of these
 * @param deleted shards of which every value was deleted
 * @param young shards that were left because they are younger than the grace; single values on a sequential backend, which does not tell of which shards they are
 * @param later shards that were left because a writer of a later epoch wrote them
 * @param unknown shards that were left because none of their values tells who wrote them; single values on a sequential backend
 * @param unreachable backends that could not be looked at, with the reason
 */
public record OrphanReport(
        long shards,
        long values,
        long bytes,
        long deleted,
        long young,
        long later,
        long unknown,
        List<BackendFailure> unreachable) {
    static final OrphanReport NONE = new OrphanReport(0, 0, 0, 0, 0, 0, 0, List.of());

    public OrphanReport {
        unreachable = List.copyOf(unreachable);
    }

    OrphanReport plus(OrphanReport other) {
        List<BackendFailure> all = new java.util.ArrayList<>(unreachable);
        all.addAll(other.unreachable);
        return new OrphanReport(
                shards + other.shards,
                values + other.values,
                bytes + other.bytes,
                deleted + other.deleted,
                young + other.young,
                later + other.later,
                unknown + other.unknown,
                all);
    }
}
