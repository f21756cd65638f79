package org.qsfs.stor.placement;

import java.util.Arrays;
import org.qsfs.stor.segment.RedundancyPolicy;

/**
 * Tells whether shards that are placed already can be completed to n so that the policy is kept.
 *
 * <p>With x(g) = max(0, shards in g − redundantNodes), a layout is legal when Σ x(g) without its G largest is at least k. The sum of the G largest of some numbers is
 * the minimum over T of G·T + Σ max(0, x(g) − T), so the layout is legal exactly when for some cap T
 *
 * <pre>
 *   Σ min(x(g), T)  ≥  k + G·T
 * </pre>
 *
 * <p>For one T the largest left side over all layouts of n shards is a knapsack over groups: O(n · backends).
 */
final class Completion {
    private static final int IMPOSSIBLE = -1;

    private final RedundancyPolicy policy;
    private final int cap;

    /** @param cap the T above */
    Completion(RedundancyPolicy policy, int cap) {
        this.policy = policy;
        this.cap = cap;
    }

    /**
     * Whether there is a layout of n shards with at least {@code placed[g]} and at most {@code placed[g] + free[g]} in group g that the cap proves legal.
     */
    boolean possible(int[] placed, int[] free) {
        int n = policy.expectedShards();
        int[] best = new int[n + 1];
        Arrays.fill(best, IMPOSSIBLE);
        best[0] = 0;
        for (int group = 0; group < placed.length; group++) {
            int[] next = new int[n + 1];
            Arrays.fill(next, IMPOSSIBLE);
            for (int count = placed[group]; count <= Math.min(n, placed[group] + free[group]); count++) {
                int gain = Math.min(cap, Math.max(0, count - policy.redundantNodes()));
                for (int before = 0; before + count <= n; before++) {
                    if (best[before] != IMPOSSIBLE) {
                        next[before + count] = Math.max(next[before + count], best[before] + gain);
                    }
                }
            }
            best = next;
        }
        return best[n] >= policy.minimalShards() + policy.redundantGroups() * cap;
    }
}
