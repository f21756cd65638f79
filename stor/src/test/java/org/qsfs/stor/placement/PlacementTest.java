package org.qsfs.stor.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.StorException;

class PlacementTest {
    /** Up to 4 groups of together up to 12 backends, and a policy. */
    record Problem(List<Integer> groupSizes, RedundancyPolicy policy, long seed) {
        List<Candidate> candidates() {
            List<Candidate> candidates = new ArrayList<>();
            for (int group = 0; group < groupSizes.size(); group++) {
                for (int i = 0; i < groupSizes.get(group); i++) {
                    candidates.add(new Candidate(new BackendId("b" + group + "-" + i), "g" + group, 1 + i));
                }
            }
            return candidates;
        }
    }

    @Provide
    Arbitrary<Problem> problems() {
        Arbitrary<List<Integer>> sizes =
                Arbitraries.integers().between(0, 5).list().ofMinSize(1).ofMaxSize(4);
        Arbitrary<RedundancyPolicy> policies = Combinators.combine(
                        Arbitraries.integers().between(1, 10),
                        Arbitraries.integers().between(0, 8),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(0, 3))
                .as((k, m, groups, nodes) -> new RedundancyPolicy(k, k + m, groups, nodes));
        return Combinators.combine(sizes, policies, Arbitraries.longs()).as(Problem::new);
    }

    @Property(tries = 3000)
    void findsALegalChoiceExactlyWhenThereIsOne(@ForAll("problems") Problem problem) {
        List<Candidate> candidates = problem.candidates();
        Assume.that(candidates.size() <= 12);
        boolean exists = anyLegalSubset(candidates, List.of(), problem.policy());
        Placement placement = new Placement(problem.policy(), new Random(problem.seed()));
        if (exists) {
            List<BackendId> chosen = choose(placement, List.of(), candidates);
            assertThat(chosen).doesNotHaveDuplicates().hasSize(problem.policy().expectedShards());
            assertThat(survivesEveryLoss(selected(candidates, chosen), problem.policy()))
                    .isTrue();
        } else {
            assertThatThrownBy(() -> placement.choose(candidates))
                    .isInstanceOf(StorException.NoPlacement.class)
                    .hasMessageContaining(candidates.size() + " backends are usable");
        }
    }

    @Property(tries = 2000)
    void completesWhatIsPlacedExactlyWhenThatIsPossible(@ForAll("problems") Problem problem) {
        List<Candidate> candidates = problem.candidates();
        Assume.that(candidates.size() <= 12);
        Random random = new Random(problem.seed());
        List<Candidate> shuffled = new ArrayList<>(candidates);
        Collections.shuffle(shuffled, random);
        List<Candidate> placed = shuffled.subList(
                0,
                random.nextInt(1 + Math.min(candidates.size(), problem.policy().expectedShards())));
        Placement placement = new Placement(problem.policy(), random);
        if (anyLegalSubset(candidates, placed, problem.policy())) {
            List<BackendId> chosen = choose(placement, placed, candidates);
            List<Candidate> all = new ArrayList<>(placed);
            all.addAll(selected(candidates, chosen));
            assertThat(new HashSet<>(all)).hasSize(problem.policy().expectedShards());
            assertThat(survivesEveryLoss(all, problem.policy())).isTrue();
        } else {
            assertThatThrownBy(() -> placement.complete(placed, candidates))
                    .isInstanceOf(StorException.NoPlacement.class);
        }
    }

    @Property(tries = 2000)
    void anySubsetIsJudgedAsByTryingEveryLoss(@ForAll("problems") Problem problem) {
        List<Candidate> shuffled = new ArrayList<>(problem.candidates());
        Assume.that(shuffled.size() >= problem.policy().expectedShards());
        Collections.shuffle(shuffled, new Random(problem.seed()));
        List<Candidate> layout = shuffled.subList(0, problem.policy().expectedShards());
        assertThat(new Placement(problem.policy(), new Random(1)).isLegal(groups(layout)))
                .isEqualTo(survivesEveryLoss(layout, problem.policy()));
    }

    @Test
    void everyLegalChoiceComesOut() throws Exception {
        List<Candidate> candidates = new Problem(List.of(2, 2, 1), RedundancyPolicy.of(2, 3), 0).candidates();
        RedundancyPolicy policy = new RedundancyPolicy(2, 3, 1, 0);
        Placement placement = new Placement(policy, new Random(7));
        Set<Set<BackendId>> seen = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            seen.add(Set.copyOf(placement.choose(candidates)));
        }
        // one backend of each group: 2 · 2 · 1
        assertThat(seen).hasSize(4);
    }

    @Test
    void backendsWithMoreSpaceAreChosenMoreOften() throws Exception {
        List<Candidate> candidates = List.of(
                new Candidate(new BackendId("small"), "g", 1L << 30),
                new Candidate(new BackendId("big"), "g", 9L << 30),
                new Candidate(new BackendId("unlimited"), "g", Long.MAX_VALUE / 2));
        Placement placement = new Placement(RedundancyPolicy.of(1, 2), new Random(3));
        Map<String, Integer> chosen = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            placement.choose(candidates).forEach(id -> chosen.merge(id.value(), 1, Integer::sum));
        }
        assertThat(chosen.get("unlimited")).isEqualTo(1000);
        assertThat(chosen.get("big")).isBetween(850, 950);
        assertThat(chosen.get("small")).isBetween(50, 150);
    }

    @Test
    void quorumFollowsTheDesign() {
        assertThat(quorum(RedundancyPolicy.of(2, 4), "a", "a", "a", "a")).isEqualTo(3);
        assertThat(quorum(RedundancyPolicy.of(3, 3), "a", "a", "a")).isEqualTo(3);
        assertThat(quorum(new RedundancyPolicy(2, 6, 0, 2), "a", "a", "a", "a", "a", "a"))
                .isEqualTo(4);
        assertThat(quorum(new RedundancyPolicy(2, 6, 1, 0), "a", "a", "b", "b", "c", "c"))
                .isEqualTo(4);
        assertThat(quorum(new RedundancyPolicy(4, 6, 1, 0), "a", "a", "b", "b", "c", "c"))
                .isEqualTo(6);
    }

    @Test
    void threeGroupsAndTwentyShardsAreQuick() throws Exception {
        List<Candidate> candidates = new Problem(List.of(20, 20, 20), RedundancyPolicy.of(1, 1), 0).candidates();
        Placement placement = new Placement(new RedundancyPolicy(10, 20, 1, 1), new Random(5));
        for (int warm = 0; warm < 50; warm++) {
            placement.choose(candidates);
        }
        long start = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            placement.choose(candidates);
        }
        assertThat((System.nanoTime() - start) / 10).as("ns per choice").isLessThan(10_000_000);
    }

    private static int quorum(RedundancyPolicy policy, String... groups) {
        return new Placement(policy, new Random(1)).writeQuorum(List.of(groups));
    }

    private static List<BackendId> choose(Placement placement, List<Candidate> placed, List<Candidate> candidates) {
        try {
            return placement.complete(placed, candidates);
        } catch (StorException.NoPlacement unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    private static List<Candidate> selected(List<Candidate> candidates, List<BackendId> chosen) {
        return candidates.stream().filter(c -> chosen.contains(c.backend())).toList();
    }

    private static List<String> groups(List<Candidate> layout) {
        return layout.stream().map(Candidate::group).toList();
    }

    private static boolean anyLegalSubset(List<Candidate> all, List<Candidate> placed, RedundancyPolicy policy) {
        return IntStream.range(0, 1 << all.size())
                .filter(bits -> Integer.bitCount(bits) == policy.expectedShards())
                .mapToObj(bits -> subset(all, bits))
                .filter(layout -> layout.containsAll(placed))
                .anyMatch(layout -> survivesEveryLoss(layout, policy));
    }

    /** Takes the rule literally: every choice of groups to lose, and in every other group the named number of backends. */
    private static boolean survivesEveryLoss(List<Candidate> layout, RedundancyPolicy policy) {
        List<String> groups = List.of("g0", "g1", "g2", "g3");
        for (int lost = 0; lost < 1 << groups.size(); lost++) {
            if (Integer.bitCount(lost) != Math.min(groups.size(), policy.redundantGroups())) {
                continue;
            }
            int survivors = 0;
            for (int group = 0; group < groups.size(); group++) {
                String name = groups.get(group);
                long members =
                        layout.stream().filter(c -> c.group().equals(name)).count();
                if ((lost & 1 << group) == 0) {
                    survivors += (int) Math.max(0, members - policy.redundantNodes());
                }
            }
            if (survivors < policy.minimalShards()) {
                return false;
            }
        }
        return true;
    }

    private static List<Candidate> subset(List<Candidate> all, int bits) {
        return IntStream.range(0, all.size())
                .filter(i -> (bits & 1 << i) != 0)
                .mapToObj(all::get)
                .toList();
    }
}
