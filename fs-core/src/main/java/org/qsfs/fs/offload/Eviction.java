package org.qsfs.fs.offload;

/**
 * What an eviction did.
 *
 * @param evicted segments that went
 * @param bytes of the segments that went
 * @param kept segments that stay because not all of their shards were found on their backends, or because they are not published
 */
public record Eviction(int evicted, long bytes, int kept) {}
