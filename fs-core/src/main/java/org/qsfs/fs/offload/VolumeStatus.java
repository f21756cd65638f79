package org.qsfs.fs.offload;

import java.time.Instant;
import java.util.Optional;

/**
 * What a volume is doing.
 *
 * @param segments how many segments are in which state
 * @param bytes how much is where
 * @param lastPublished when the head last moved; empty before the first time
 * @param problem why uploads or publishing do not get on, or why the volume is read-only; empty when all is well
 */
public record VolumeStatus(Segments segments, Bytes bytes, Optional<Instant> lastPublished, Optional<String> problem) {
    /**
     * @param open being appended to
     * @param closed closed and waiting for their upload
     * @param uploading being stored
     * @param stored with all shards acknowledged
     * @param degraded with fewer shards than wanted, but readable
     * @param evicted stored or degraded and not on the local disk
     */
    public record Segments(int open, int closed, int uploading, int stored, int degraded, int evicted) {}

    /**
     * @param dirty written and not yet in the local log
     * @param notStored in local segments that are not stored
     * @param cache on the local disk: segments of both namespaces and cached stripes
     */
    public record Bytes(long dirty, long notStored, long cache) {}
}
