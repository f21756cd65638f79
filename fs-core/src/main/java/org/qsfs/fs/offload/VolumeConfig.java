package org.qsfs.fs.offload;

import java.nio.file.Path;
import java.time.Duration;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.FileSystemConfig;
import org.qsfs.zdb.log.SegmentLogConfig;

/**
 * Settings of a volume. Sizes are bytes unless their name says otherwise.
 *
 * @param directory everything local of the volume: {@code zdb/}, {@code index/}, {@code cache/} and {@code state}
 * @param name of the volume; its zdb namespaces are {@code <name>-data} and {@code <name>-meta}
 * @param id of the volume
 */
public record VolumeConfig(
        Path directory,
        String name,
        VolumeId id,
        Segments segments,
        Space space,
        Memory memory,
        FileSystemConfig fileSystem) {

    /**
     * @param size at which a segment is closed
     * @param pushInterval age at which a segment is closed though it is not full
     * @param uploads segments stored at once
     * @param hours when segments are uploaded that nobody waits for
     */
    public record Segments(long size, Duration pushInterval, int uploads, UploadHours hours) {
        /** At any hour. */
        public Segments(long size, Duration pushInterval, int uploads) {
            this(size, pushInterval, uploads, UploadHours.ALWAYS);
        }
    }

    /**
     * @param cache local data above which stored segments are evicted
     * @param maxNotStored bytes that may wait for their upload before writers are held back
     * @param diskReserve bytes of the local disk that writers may not use
     */
    public record Space(long cache, long maxNotStored, long diskReserve) {}

    /**
     * @param indexMegabytes for pages of the index, MiB
     * @param overlay for rows that are not in the index yet
     */
    public record Memory(int indexMegabytes, long overlay) {}

    /** The usual settings: 64 MiB segments pushed after 15 minutes, 10 GiB of local data, 20 GiB not stored, two uploads at once. */
    public static VolumeConfig of(Path directory, String name, VolumeId id) {
        return new VolumeConfig(
                directory,
                name,
                id,
                new Segments(SegmentLogConfig.DEFAULT_SEGMENT_SIZE, Duration.ofMinutes(15), 2),
                new Space(10L << 30, 20L << 30, 256L << 20),
                new Memory(128, 64L << 20),
                FileSystemConfig.DEFAULT);
    }

    public VolumeConfig with(Segments wanted) {
        return new VolumeConfig(directory, name, id, wanted, space, memory, fileSystem);
    }

    public VolumeConfig with(Space wanted) {
        return new VolumeConfig(directory, name, id, segments, wanted, memory, fileSystem);
    }

    public VolumeConfig with(Memory wanted) {
        return new VolumeConfig(directory, name, id, segments, space, wanted, fileSystem);
    }

    public VolumeConfig with(FileSystemConfig wanted) {
        return new VolumeConfig(directory, name, id, segments, space, memory, wanted);
    }

    Path stateFile() {
        return directory.resolve("state");
    }
}
