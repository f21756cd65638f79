package org.qsfs.fs;

import java.time.Duration;
import java.time.InstantSource;
import org.qsfs.fs.inode.AccessTimes;

/**
 * Settings of a filesystem.
 *
 * @param readOnly every change is EROFS; the volume need not be writable
 * @param quotaBytes bytes that files may hold, {@link Long#MAX_VALUE} for no quota
 * @param quotaInodes inodes that the volume may have, {@link Long#MAX_VALUE} for no quota
 * @param dirtyBytes memory for written bytes that are not in the log
 * @param commitInterval after which everything that was written is on disk
 * @param accessTimes when reading sets the access time
 * @param cachedInodes most inodes, and most names, that are kept decoded
 * @param cachedExtents most extents that are kept decoded, about
 * @param clock of all timestamps
 * @param writeBehind whether complete records are moved into the log by a thread of their own while the writer goes on; else by the writer
 */
public record FileSystemConfig(
        boolean readOnly,
        long quotaBytes,
        long quotaInodes,
        long dirtyBytes,
        Duration commitInterval,
        AccessTimes.Policy accessTimes,
        int cachedInodes,
        int cachedExtents,
        InstantSource clock,
        boolean writeBehind) {
    /** What a daemon uses unless it is told otherwise. */
    public static final FileSystemConfig DEFAULT = new FileSystemConfig(
            false,
            Long.MAX_VALUE,
            Long.MAX_VALUE,
            96L << 20,
            Duration.ofSeconds(1),
            AccessTimes.Policy.RELATIME,
            100_000,
            200_000,
            InstantSource.system(),
            true);

    public FileSystemConfig withReadOnly(boolean wanted) {
        return new FileSystemConfig(
                wanted,
                quotaBytes,
                quotaInodes,
                dirtyBytes,
                commitInterval,
                accessTimes,
                cachedInodes,
                cachedExtents,
                clock,
                writeBehind);
    }

    public FileSystemConfig withQuota(long bytes, long inodes) {
        return new FileSystemConfig(
                readOnly,
                bytes,
                inodes,
                dirtyBytes,
                commitInterval,
                accessTimes,
                cachedInodes,
                cachedExtents,
                clock,
                writeBehind);
    }

    public FileSystemConfig withDirtyBytes(long bytes) {
        return new FileSystemConfig(
                readOnly,
                quotaBytes,
                quotaInodes,
                bytes,
                commitInterval,
                accessTimes,
                cachedInodes,
                cachedExtents,
                clock,
                writeBehind);
    }

    public FileSystemConfig withCommitInterval(Duration interval) {
        return new FileSystemConfig(
                readOnly,
                quotaBytes,
                quotaInodes,
                dirtyBytes,
                interval,
                accessTimes,
                cachedInodes,
                cachedExtents,
                clock,
                writeBehind);
    }

    public FileSystemConfig withAccessTimes(AccessTimes.Policy policy) {
        return new FileSystemConfig(
                readOnly,
                quotaBytes,
                quotaInodes,
                dirtyBytes,
                commitInterval,
                policy,
                cachedInodes,
                cachedExtents,
                clock,
                writeBehind);
    }

    public FileSystemConfig withCaches(int inodes, int extents) {
        return new FileSystemConfig(
                readOnly,
                quotaBytes,
                quotaInodes,
                dirtyBytes,
                commitInterval,
                accessTimes,
                inodes,
                extents,
                clock,
                writeBehind);
    }

    public FileSystemConfig withClock(InstantSource source) {
        return new FileSystemConfig(
                readOnly,
                quotaBytes,
                quotaInodes,
                dirtyBytes,
                commitInterval,
                accessTimes,
                cachedInodes,
                cachedExtents,
                source,
                writeBehind);
    }

    public FileSystemConfig withWriteBehind(boolean wanted) {
        return new FileSystemConfig(
                readOnly,
                quotaBytes,
                quotaInodes,
                dirtyBytes,
                commitInterval,
                accessTimes,
                cachedInodes,
                cachedExtents,
                clock,
                wanted);
    }
}
