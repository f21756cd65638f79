package org.qsfs.zdb.engine;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.SystemFiles;
import org.qsfs.zdb.format.IndexFormat.Mode;

/**
 * Settings of a database.
 *
 * @param mode the only mode that namespaces may have; null = each its own
 * @param dataSize bytes of a data file that are not exceeded unless one value alone is longer
 * @param defaultMaxSize limit of the default namespace in bytes, 0 = none
 * @param syncInterval how often {@link SyncMode#INTERVAL} syncs
 * @param rotateSeconds age at which an active pair that was written to is closed, 0 = never
 * @param openFiles data files, and as many index files, kept open per namespace
 */
public record DatabaseConfig(
        Path dataRoot,
        Path indexRoot,
        @Nullable Mode mode,
        long dataSize,
        long defaultMaxSize,
        SyncMode syncMode,
        Duration syncInterval,
        long rotateSeconds,
        int openFiles,
        Offload offload,
        FileLayer files) {
    public static final long DEFAULT_DATA_SIZE = 256L << 20;
    public static final long SMALLEST_DATA_SIZE = 512L << 10;
    public static final long LARGEST_DATA_SIZE = (1L << 32) - 2;

    public DatabaseConfig {
        if (dataRoot.equals(indexRoot)) {
            throw new IllegalArgumentException("data and index directory are both " + dataRoot + "; they must differ");
        }
        if (dataSize < SMALLEST_DATA_SIZE || dataSize > LARGEST_DATA_SIZE) {
            throw new IllegalArgumentException("data file size " + dataSize + " bytes; expected " + SMALLEST_DATA_SIZE
                    + " to " + LARGEST_DATA_SIZE);
        }
    }

    /** Both modes, 256 MiB data files, acknowledged when durable. */
    public static DatabaseConfig of(Path dataRoot, Path indexRoot) {
        return new DatabaseConfig(
                dataRoot,
                indexRoot,
                null,
                DEFAULT_DATA_SIZE,
                0,
                SyncMode.ALWAYS,
                Duration.ofSeconds(1),
                0,
                32,
                Offload.NONE,
                new SystemFiles());
    }

    public DatabaseConfig withMode(@Nullable Mode only) {
        return new DatabaseConfig(
                dataRoot,
                indexRoot,
                only,
                dataSize,
                defaultMaxSize,
                syncMode,
                syncInterval,
                rotateSeconds,
                openFiles,
                offload,
                files);
    }

    public DatabaseConfig withDataSize(long bytes) {
        return new DatabaseConfig(
                dataRoot,
                indexRoot,
                mode,
                bytes,
                defaultMaxSize,
                syncMode,
                syncInterval,
                rotateSeconds,
                openFiles,
                offload,
                files);
    }

    public DatabaseConfig withDefaultMaxSize(long bytes) {
        return new DatabaseConfig(
                dataRoot,
                indexRoot,
                mode,
                dataSize,
                bytes,
                syncMode,
                syncInterval,
                rotateSeconds,
                openFiles,
                offload,
                files);
    }

    public DatabaseConfig withSync(SyncMode when, Duration interval) {
        return new DatabaseConfig(
                dataRoot,
                indexRoot,
                mode,
                dataSize,
                defaultMaxSize,
                when,
                interval,
                rotateSeconds,
                openFiles,
                offload,
                files);
    }

    public DatabaseConfig withRotateSeconds(long seconds) {
        return new DatabaseConfig(
                dataRoot,
                indexRoot,
                mode,
                dataSize,
                defaultMaxSize,
                syncMode,
                syncInterval,
                seconds,
                openFiles,
                offload,
                files);
    }

    public DatabaseConfig withOffload(Offload source) {
        return new DatabaseConfig(
                dataRoot,
                indexRoot,
                mode,
                dataSize,
                defaultMaxSize,
                syncMode,
                syncInterval,
                rotateSeconds,
                openFiles,
                source,
                files);
    }

    public DatabaseConfig withFiles(FileLayer layer) {
        return new DatabaseConfig(
                dataRoot,
                indexRoot,
                mode,
                dataSize,
                defaultMaxSize,
                syncMode,
                syncInterval,
                rotateSeconds,
                openFiles,
                offload,
                layer);
    }
}
