package org.qsfs.stor.upload;

import java.util.concurrent.atomic.LongAdder;

/** Counts what uploads did since the start. */
public final class UploadCounters {
    final LongAdder plainBytes = new LongAdder();
    final LongAdder shardBytes = new LongAdder();
    final LongAdder failovers = new LongAdder();

    /**
     * The counts at one moment.
     *
     * @param plainBytes bytes of stripes that were encoded
     * @param shardBytes bytes that backends acknowledged
     * @param failovers how often a shard went to another backend than planned
     */
    public record Snapshot(long plainBytes, long shardBytes, long failovers) {}

    /** The counts now. */
    public Snapshot snapshot() {
        return new Snapshot(plainBytes.sum(), shardBytes.sum(), failovers.sum());
    }
}
