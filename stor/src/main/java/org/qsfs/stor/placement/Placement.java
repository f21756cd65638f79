package org.qsfs.stor.placement;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.StorException;

/**
 * Chooses backends for the shards of a segment so that its policy is kept: after losing any {@code redundantGroups} whole groups and any {@code redundantNodes}
 * backends in every other group, at least k shards remain. No backend gets two.
 *
 * <p>Every legal choice can come out. Backends are drawn one after another at random, in proportion to their weight; a draw after which no legal choice would be left
 * is put back. {@link Completion} tells, in polynomial time.
 *
 * <p>Stateless and thread-safe, as far as the random generator is.
 */
public final class Placement {
    private final RedundancyPolicy policy;
    private final RandomGenerator random;

    public Placement(RedundancyPolicy policy, RandomGenerator random) {
        this.policy = policy;
        this.random = random;
    }

    /**
     * Chooses backends for all n shards.
     *
     * @throws StorException.NoPlacement when there is no legal choice, with the numbers
     */
    public List<BackendId> choose(Collection<Candidate> candidates) throws StorException.NoPlacement {
        return complete(List.of(), candidates);
    }

    /**
     * Chooses backends for the shards that are missing.
     *
     * @param placed the backends, with their groups, that have a shard and keep it
     * @param candidates backends that may get one; those in {@code placed} are ignored
     * @return n − |placed| backends, in random order
     * @throws StorException.NoPlacement when there is no legal choice, with the numbers
     */
    public List<BackendId> complete(Collection<Candidate> placed, Collection<Candidate> candidates)
            throws StorException.NoPlacement {
        List<BackendId> taken = placed.stream().map(Candidate::backend).toList();
        List<Candidate> open = new ArrayList<>(
                candidates.stream().filter(c -> !taken.contains(c.backend())).toList());
        Map<String, Integer> groups = numbered(placed, open);
        int[] counts = counts(groups, placed);
        int[] free = counts(groups, open);
        Completion completion = anyCompletion(counts, free, placed, open);
        List<BackendId> chosen = new ArrayList<>();
        while (taken.size() + chosen.size() < policy.expectedShards()) {
            Candidate drawn = open.remove(draw(open));
            int group = groups.getOrDefault(drawn.group(), 0);
            free[group]--;
            counts[group]++;
            if (completion.possible(counts, free)) {
                chosen.add(drawn.backend());
            } else {
                // none of this group fits any more; a count only grows, so that stays so
                counts[group]--;
                free[group] = 0;
                open.removeIf(c -> c.group().equals(drawn.group()));
            }
        }
        Collections.shuffle(chosen, random);
        return chosen;
    }

    /** Whether a layout keeps the policy: the group of every shard's backend. */
    public boolean isLegal(Collection<String> groupOfEachShard) {
        return groupOfEachShard.size() == policy.expectedShards()
                && GroupCounts.keep(perGroup(groupOfEachShard), policy);
    }

    /**
     * Shards that must be written before a segment may be published as degraded: min(n, k + max(1, shards that the policy may lose at once)).
     *
     * @param groupOfEachShard the layout of all n shards
     */
    public int writeQuorum(Collection<String> groupOfEachShard) {
        int n = policy.expectedShards();
        int lost = n
                - GroupCounts.survivors(perGroup(groupOfEachShard), policy.redundantGroups(), policy.redundantNodes());
        return Math.min(n, policy.minimalShards() + Math.max(1, lost));
    }

    /** A cap under which the shards can be completed, drawn among all, since each proves other layouts legal. */
    private Completion anyCompletion(int[] counts, int[] free, Collection<Candidate> placed, Collection<Candidate> open)
            throws StorException.NoPlacement {
        List<Completion> possible = IntStream.rangeClosed(1, policy.expectedShards())
                .mapToObj(cap -> new Completion(policy, cap))
                .filter(completion -> completion.possible(counts, free))
                .toList();
        if (possible.isEmpty()) {
            throw new StorException.NoPlacement(explain(placed, open));
        }
        return possible.get(random.nextInt(possible.size()));
    }

    private int draw(List<Candidate> open) {
        double all = open.stream().mapToDouble(Placement::weight).sum();
        double point = random.nextDouble() * all;
        for (int i = 0; i < open.size(); i++) {
            point -= weight(open.get(i));
            if (point < 0) {
                return i;
            }
        }
        return open.size() - 1;
    }

    private static double weight(Candidate candidate) {
        return Math.max(1, candidate.weight());
    }

    private String explain(Collection<Candidate> placed, Collection<Candidate> open) {
        Map<String, Long> usable = new TreeMap<>(Stream.concat(placed.stream(), open.stream())
                .collect(Collectors.groupingBy(Candidate::group, Collectors.counting())));
        long all = usable.values().stream().mapToLong(Long::longValue).sum();
        return "no choice of " + policy.expectedShards() + " backends keeps " + policy.minimalShards()
                + " shards after losing " + policy.redundantGroups() + " groups and " + policy.redundantNodes()
                + " backends in each other group: " + all + " backends are usable, by group " + usable
                + (placed.isEmpty() ? "" : ", and " + placed.size() + " shards stay where they are")
                + "; add or start backends, or lower expected_shards, redundant_groups or redundant_nodes";
    }

    private static Map<String, Integer> numbered(Collection<Candidate> placed, Collection<Candidate> open) {
        Map<String, Integer> groups = new TreeMap<>();
        placed.forEach(c -> groups.putIfAbsent(c.group(), groups.size()));
        open.forEach(c -> groups.putIfAbsent(c.group(), groups.size()));
        return groups;
    }

    private static int[] counts(Map<String, Integer> groups, Collection<Candidate> members) {
        int[] counts = new int[groups.size()];
        for (Candidate member : members) {
            counts[groups.getOrDefault(member.group(), 0)]++;
        }
        return counts;
    }

    private static int[] perGroup(Collection<String> groupOfEachShard) {
        return groupOfEachShard.stream()
                .collect(Collectors.groupingBy(group -> group, Collectors.counting()))
                .values()
                .stream()
                .mapToInt(Long::intValue)
                .toArray();
    }
}
