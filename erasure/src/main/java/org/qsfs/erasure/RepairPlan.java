package org.qsfs.erasure;

/** How to compute some missing shards: a matrix that gives the target shards from the source shards. Immutable. */
final class RepairPlan {
    private final int[] sources;
    private final int[] targets;
    private final Kernel.Multiplication multiplication;

    /** Takes over both arrays. */
    RepairPlan(int[] sources, int[] targets, Kernel.Multiplication multiplication) {
        this.sources = sources;
        this.targets = targets;
        this.multiplication = multiplication;
    }

    int sourceCount() {
        return sources.length;
    }

    /** Which shard is input {@code i} of the multiplication. */
    int source(int i) {
        return sources[i];
    }

    int targetCount() {
        return targets.length;
    }

    /** Which shard is output {@code i} of the multiplication. */
    int target(int i) {
        return targets[i];
    }

    Kernel.Multiplication multiplication() {
        return multiplication;
    }

    /** Which shards are there and which are to be computed, as strings of bits because those compare by content. */
    record Situation(String present, String wanted) {
        static Situation of(boolean[] present, boolean[] wanted) {
            return new Situation(bits(present), bits(wanted));
        }

        private static String bits(boolean[] flags) {
            StringBuilder bits = new StringBuilder(flags.length);
            for (boolean flag : flags) {
                bits.append(flag ? '1' : '0');
            }
            return bits.toString();
        }
    }
}
