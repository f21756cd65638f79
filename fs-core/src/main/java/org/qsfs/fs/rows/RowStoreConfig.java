package org.qsfs.fs.rows;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of a row store.
 *
 * @param directory of the index; made when missing; may be deleted whenever the volume is not open
 * @param volumeId 16 bytes in hexadecimal; an index of another volume is dropped
 * @param bootId of the running system; an index that was not closed cleanly under another one is dropped
 * @param cacheMegabytes memory for pages of the index, MiB
 * @param overlayBytes memory for rows that are not yet applied, bytes; more may be added by transactions under way
 * @param commitBytes unsaved pages after which the index is committed, bytes
 * @param commitInterval time after which it is committed
 * @param patience longest wait of a writer for room in the overlay, and of a reader for an index that is being built again
 */
public record RowStoreConfig(
        Path directory,
        String volumeId,
        String bootId,
        int cacheMegabytes,
        long overlayBytes,
        long commitBytes,
        Duration commitInterval,
        Duration patience) {
    /** The usual sizes: cache 128 MiB, overlay 64 MiB, a commit every 32 MiB or 30 s, ten minutes of patience. */
    public static RowStoreConfig of(Path directory, String volumeId, String bootId) {
        return new RowStoreConfig(
                directory, volumeId, bootId, 128, 64L << 20, 32L << 20, Duration.ofSeconds(30), Duration.ofMinutes(10));
    }

    public RowStoreConfig withMemory(int cacheMegabytesWanted, long overlayBytesWanted) {
        return new RowStoreConfig(
                directory,
                volumeId,
                bootId,
                cacheMegabytesWanted,
                overlayBytesWanted,
                commitBytes,
                commitInterval,
                patience);
    }

    public RowStoreConfig withCommits(long bytes, Duration interval) {
        return new RowStoreConfig(directory, volumeId, bootId, cacheMegabytes, overlayBytes, bytes, interval, patience);
    }

    public RowStoreConfig withPatience(Duration longest) {
        return new RowStoreConfig(
                directory, volumeId, bootId, cacheMegabytes, overlayBytes, commitBytes, commitInterval, longest);
    }
}
