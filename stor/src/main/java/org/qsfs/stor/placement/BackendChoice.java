package org.qsfs.stor.placement;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.backend.BackendTerms;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.StorException;

/**
 * Applies {@link Placement} to the backends as they are now: healthy ones first, those in doubt when there are not enough, and for a new segment, when there is no
 * other way, also those that are down or full, whose shards the repairer then writes when they are back.
 *
 * <p>Thread-safe.
 */
public final class BackendChoice {
    /** Free space counts in these, so that small differences do not matter and the unlimited do not take everything. */
    private static final long MOST_SPACE = 1L << 42;

    private final BackendPool pool;
    private final Placement placement;
    private final long bytesPerShard;

    /** @param bytesPerShard space that a backend must have for its shard */
    public BackendChoice(BackendPool pool, RedundancyPolicy policy, RandomGenerator random, long bytesPerShard) {
        this.pool = pool;
        this.placement = new Placement(policy, random);
        this.bytesPerShard = bytesPerShard;
    }

    /**
     * A backend for each of the n shards of a new segment.
     *
     * @throws StorException.NoPlacement when even with all backends there is no legal choice
     */
    public List<Backend> forAll() throws StorException.NoPlacement {
        List<Predicate<Backend>> tiers =
                List.of(backend -> fits(backend) && backend.state() == BackendState.HEALTHY, this::fits);
        for (Predicate<Backend> tier : tiers) {
            Optional<List<Backend>> found = tryComplete(List.of(), tier);
            if (found.isPresent()) {
                return found.get();
            }
        }
        return backends(placement.complete(
                List.of(), candidates(backend -> !backend.terms().draining())));
    }

    /** A backend that can take one more shard beside the others; empty when with none the policy is kept. */
    public Optional<Backend> replacement(Collection<Backend> others, Set<BackendId> excluded) {
        return forMissing(others, excluded).map(List::getFirst);
    }

    /** Backends that can take the shards missing beside the others; empty when with none the policy is kept. */
    public Optional<List<Backend>> forMissing(Collection<Backend> others, Set<BackendId> excluded) {
        Predicate<Backend> healthy =
                backend -> fits(backend) && backend.state() == BackendState.HEALTHY && !excluded.contains(backend.id());
        return tryComplete(others, healthy)
                .or(() -> tryComplete(others, backend -> fits(backend) && !excluded.contains(backend.id())));
    }

    /** Shards that must be written before a segment with this layout may be published as degraded. */
    public int writeQuorum(Collection<Backend> layout) {
        return placement.writeQuorum(layout.stream().map(Backend::group).toList());
    }

    private Optional<List<Backend>> tryComplete(Collection<Backend> others, Predicate<Backend> usable) {
        try {
            return Optional.of(backends(
                    placement.complete(others.stream().map(this::candidate).toList(), candidates(usable))));
        } catch (StorException.NoPlacement none) {
            return Optional.empty();
        }
    }

    private boolean fits(Backend backend) {
        return !backend.terms().draining()
                && backend.identified()
                && backend.state().writable()
                && backend.freeBytes() >= bytesPerShard;
    }

    private List<Candidate> candidates(Predicate<Backend> usable) {
        return pool.all().stream().filter(usable).map(this::candidate).toList();
    }

    private Candidate candidate(Backend backend) {
        long space = fits(backend) ? Math.min(MOST_SPACE, backend.freeBytes()) : 1;
        long weight =
                Math.max(1, space / BackendTerms.USUAL_WEIGHT * backend.terms().weight());
        return new Candidate(backend.id(), backend.group(), weight);
    }

    private List<Backend> backends(List<BackendId> ids) {
        List<Backend> found = new ArrayList<>();
        ids.forEach(id -> pool.find(id).ifPresent(found::add));
        return found;
    }
}
