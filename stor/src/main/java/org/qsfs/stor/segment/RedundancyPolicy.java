package org.qsfs.stor.segment;

/**
 * How many shards a segment has and which losses it must survive: after losing any {@code redundantGroups} whole groups and any {@code redundantNodes} backends in
 * every other group, at least {@code minimalShards} shards remain. Kept per segment, so that a change of the volume's policy leaves old segments as they are.
 *
 * @param minimalShards k: any so many shards give the segment back, 1 ≤ k ≤ n
 * @param expectedShards n: shards in all, each on a backend of its own, at most 256
 * @param redundantGroups groups that may be lost whole
 * @param redundantNodes backends that may be lost in each other group
 */
public record RedundancyPolicy(int minimalShards, int expectedShards, int redundantGroups, int redundantNodes) {
    /** Most shards that Reed-Solomon over GF(2^8) can make. */
    public static final int MAX_SHARDS = 256;

    public RedundancyPolicy {
        if (!isLegal(minimalShards, expectedShards, redundantGroups, redundantNodes)) {
            throw new IllegalArgumentException("minimal_shards " + minimalShards + ", expected_shards " + expectedShards
                    + ", redundant_groups " + redundantGroups + ", redundant_nodes " + redundantNodes
                    + ": expected 1 <= minimal_shards <= expected_shards <= " + MAX_SHARDS
                    + " and neither of the others negative or above " + MAX_SHARDS);
        }
    }

    /** A policy that names no groups and no nodes: any n − k backends may be lost. */
    public static RedundancyPolicy of(int minimalShards, int expectedShards) {
        return new RedundancyPolicy(minimalShards, expectedShards, 0, 0);
    }

    /** Whether the numbers make a policy. */
    public static boolean isLegal(int minimalShards, int expectedShards, int redundantGroups, int redundantNodes) {
        return minimalShards >= 1
                && minimalShards <= expectedShards
                && expectedShards <= MAX_SHARDS
                && redundantGroups >= 0
                && redundantGroups <= MAX_SHARDS
                && redundantNodes >= 0
                && redundantNodes <= MAX_SHARDS;
    }

    /** Reads the four numbers, 16 bits each, in the order of the components. */
    public static RedundancyPolicy read(FieldReader in) throws StorException {
        int k = in.u16();
        int n = in.u16();
        int groups = in.u16();
        int nodes = in.u16();
        if (!isLegal(k, n, groups, nodes)) {
            throw in.damaged("its policy of k " + k + ", n " + n + ", groups " + groups + ", nodes " + nodes
                    + " makes no sense");
        }
        return new RedundancyPolicy(k, n, groups, nodes);
    }

    /** m = n − k: shards that may be missing. */
    public int parityShards() {
        return expectedShards - minimalShards;
    }

    /** {@code 2+2} for k = 2, n = 4, with the groups and nodes that may be lost when any are named. */
    @Override
    public String toString() {
        String shards = minimalShards + "+" + parityShards();
        return redundantGroups == 0 && redundantNodes == 0
                ? shards
                : shards + " (groups " + redundantGroups + ", nodes " + redundantNodes + ")";
    }
}
