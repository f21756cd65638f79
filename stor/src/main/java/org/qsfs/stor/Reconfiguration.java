package org.qsfs.stor;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.placement.Candidate;
import org.qsfs.stor.placement.Placement;
import org.qsfs.stor.repair.Holdings;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.StorException;

/** Judges other settings before they are used: nothing is changed unless all of it may be. */
final class Reconfiguration {
    private final BackendPool pool;
    private final SegmentCatalog catalog;
    private final RandomGenerator random;

    Reconfiguration(BackendPool pool, SegmentCatalog catalog, RandomGenerator random) {
        this.pool = pool;
        this.catalog = catalog;
        this.random = random;
    }

    /**
     * Refuses what would lose data or could not store any.
     *
     * @throws StorException.NoPlacement when new segments could not be placed even with every backend up
     * @throws StorException.LastCopies when backends would go without which some segment has fewer than k shards
     */
    void check(RedundancyPolicy policy, Collection<BackendConfig> next) throws StorException {
        List<Candidate> candidates = next.stream()
                .filter(config -> !config.terms().draining())
                .map(config -> new Candidate(config.id(), config.group(), 1))
                .toList();
        List<BackendId> chosen = new Placement(policy, random).choose(candidates);
        if (chosen.size() != policy.expectedShards()) {
            throw new IllegalStateException("placement chose " + chosen.size() + " backends");
        }
        Set<BackendId> staying = next.stream().map(BackendConfig::id).collect(Collectors.toSet());
        Set<BackendId> leaving = pool.all().stream()
                .map(Backend::id)
                .filter(id -> !staying.contains(id))
                .collect(Collectors.toSet());
        if (!leaving.isEmpty()) {
            Holdings holdings = Holdings.of(catalog, leaving, staying);
            if (holdings.lastCopies() > 0) {
                throw new StorException.LastCopies(leaving, holdings.segments(), holdings.lastCopies());
            }
        }
    }
}
