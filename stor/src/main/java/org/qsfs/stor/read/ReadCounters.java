package org.qsfs.stor.read;

import java.util.concurrent.atomic.LongAdder;

/** Counts what reads did since the start. */
public final class ReadCounters {
    final LongAdder stripes = new LongAdder();
    final LongAdder plainBytes = new LongAdder();
    final LongAdder shardBytes = new LongAdder();
    final LongAdder hedges = new LongAdder();
    final LongAdder replacements = new LongAdder();
    final LongAdder damagedShards = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder cacheHits = new LongAdder();
    final LongAdder readAhead = new LongAdder();

    /**
     * The counts at one moment.
     *
     * @param stripes stripes fetched from backends
     * @param plainBytes their plain bytes
     * @param shardBytes bytes received for them
     * @param hedges requests sent only to be quicker
     * @param replacements requests sent because another failed or was presumed lost
     * @param damagedShards shards found missing or rotten
     * @param failures stripes that could not be read
     * @param cacheHits stripes found in memory
     * @param readAhead stripes fetched before anybody asked for them
     */
    public record Snapshot(
            long stripes,
            long plainBytes,
            long shardBytes,
            long hedges,
            long replacements,
            long damagedShards,
            long failures,
            long cacheHits,
            long readAhead) {}

    /** The counts now. */
    public Snapshot snapshot() {
        return new Snapshot(
                stripes.sum(),
                plainBytes.sum(),
                shardBytes.sum(),
                hedges.sum(),
                replacements.sum(),
                damagedShards.sum(),
                failures.sum(),
                cacheHits.sum(),
                readAhead.sum());
    }
}
