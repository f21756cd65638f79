package org.qsfs.fuse.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.DamagedBlockListener;
import org.qsfs.fs.FileSystemConfig;
import org.qsfs.fs.QsfsFileSystem;
import org.qsfs.fs.SpaceReservation;
import org.qsfs.fs.journal.Journal;
import org.qsfs.fs.journal.JournalConfig;
import org.qsfs.fs.rows.RowStoreConfig;
import org.qsfs.fuse.Binding;
import org.qsfs.fuse.FuseMount;
import org.qsfs.fuse.MountOptions;
import org.qsfs.fuse.MountedFileSystem;
import org.qsfs.zdb.log.SegmentLogConfig;

/** The product's filesystem, with journal and index on disk, on a mountpoint. It can be closed and opened again. */
public final class MountedVolume {
    private static final VolumeId VOLUME = new VolumeId(0x0123456789abcdefL, 0x1122334455667788L);

    private final Journal journal;
    private final QsfsFileSystem volume;
    private final MountedFileSystem mount;
    private final Path root;

    private MountedVolume(Journal journal, QsfsFileSystem volume, MountedFileSystem mount, Path root) {
        this.journal = journal;
        this.volume = volume;
        this.mount = mount;
        this.root = root;
    }

    /**
     * With the writeback cache requests come through the device, else over io_uring where that is possible: so both ways are tested.
     *
     * @param directory holds the volume and its mountpoint; what an earlier one left there is taken up
     */
    public static MountedVolume open(Path directory, Binding binding, boolean writeback) throws Exception {
        Path root = Files.createDirectories(directory.resolve("mnt"));
        return open(directory, MountOptions.of(root).withBinding(binding).withWritebackCache(writeback));
    }

    /** @param options of a mountpoint that exists */
    static MountedVolume open(Path directory, MountOptions options) throws Exception {
        Assumptions.assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "/dev/fuse is missing or not accessible");
        Assumptions.assumeTrue(
                options.binding() != Binding.JNR || Files.exists(Path.of("/usr/bin/fusermount")),
                "libfuse2 and fusermount are not installed");
        Path data = directory.resolve("data");
        Path index = directory.resolve("index");
        var recovered = Journal.open(JournalConfig.of(
                VOLUME,
                1,
                SegmentLogConfig.of(data, index, "v-data").withSegmentSize(16 << 20),
                SegmentLogConfig.of(data, index, "v-meta").withSegmentSize(16 << 20),
                RowStoreConfig.of(directory.resolve("rows"), VOLUME.toString(), "boot")
                        .withMemory(4, 8 << 20)
                        .withPatience(Duration.ofSeconds(30))));
        QsfsFileSystem volume = QsfsFileSystem.open(
                FileSystemConfig.DEFAULT, recovered, SpaceReservation.UNLIMITED, DamagedBlockListener.NO_OTHER_COPY);
        return new MountedVolume(recovered.journal(), volume, FuseMount.mount(volume, options), options.mountpoint());
    }

    public Path root() {
        return root;
    }

    public void close() throws Exception {
        mount.close();
        volume.close();
        journal.close();
    }

    /** Closes it after a look for contradictions in its rows. */
    public void checkAndClose() throws Exception {
        List<Object> findings = new ArrayList<>();
        mount.writeBack();
        volume.check(true, findings::add);
        assertThat(findings).isEmpty();
        close();
    }
}
