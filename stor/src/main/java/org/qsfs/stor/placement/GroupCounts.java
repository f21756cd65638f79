package org.qsfs.stor.placement;

import java.util.Arrays;
import org.qsfs.stor.segment.RedundancyPolicy;

/**
 * How many shards of a segment each group has, judged by a policy.
 *
 * <p>Worst loss: the {@code redundantGroups} fullest groups whole, and {@code redundantNodes} shards, or all it has, in every other group. (Losing a group rather
 * than nodes in it costs max(0, count − nodes) more, which is largest for the fullest groups.)
 */
final class GroupCounts {
    private GroupCounts() {}

    /** Shards that are left after the worst loss that the policy names. */
    static int survivors(int[] counts, int redundantGroups, int redundantNodes) {
        int[] sorted = counts.clone();
        Arrays.sort(sorted);
        int left = 0;
        for (int i = 0; i < sorted.length - redundantGroups; i++) {
            left += Math.max(0, sorted[i] - redundantNodes);
        }
        return left;
    }

    /** Whether the policy's k shards survive the worst loss that it names. */
    static boolean keep(int[] counts, RedundancyPolicy policy) {
        return survivors(counts, policy.redundantGroups(), policy.redundantNodes()) >= policy.minimalShards();
    }
}
