package org.qsfs.fuse;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.DamagedBlockListener;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FileSystemConfig;
import org.qsfs.fs.QsfsFileSystem;
import org.qsfs.fs.SpaceReservation;
import org.qsfs.fs.journal.Journal;
import org.qsfs.fs.journal.JournalConfig;
import org.qsfs.fs.rows.RowStoreConfig;
import org.qsfs.zdb.log.SegmentLogConfig;

/** The same on the product's filesystem, with its journal and index on disk. */
abstract class VolumeMountContract extends MountContract {
    private static final VolumeId VOLUME = new VolumeId(0x0123456789abcdefL, 0x1122334455667788L);

    private Journal journal;
    private QsfsFileSystem volume;

    @Override
    FileSystem open(Path state) throws Exception {
        Path data = state.resolve("data");
        Path index = state.resolve("index");
        var recovered = Journal.open(JournalConfig.of(
                VOLUME,
                1,
                SegmentLogConfig.of(data, index, "v-data").withSegmentSize(16 << 20),
                SegmentLogConfig.of(data, index, "v-meta").withSegmentSize(16 << 20),
                RowStoreConfig.of(state.resolve("rows"), VOLUME.toString(), "boot")
                        .withMemory(4, 8 << 20)
                        .withPatience(Duration.ofSeconds(30))));
        journal = recovered.journal();
        volume = QsfsFileSystem.open(
                FileSystemConfig.DEFAULT, recovered, SpaceReservation.UNLIMITED, DamagedBlockListener.NO_OTHER_COPY);
        return volume;
    }

    @Override
    void close() throws Exception {
        volume.close();
        journal.close();
    }

    @Override
    int openHandles() {
        return volume.activity().openHandles();
    }

    @Override
    boolean keepsNamelessInodes() {
        return volume.activity().orphans() > 0;
    }

    @Test
    @Tag("long")
    @Timeout(300)
    void aMillionRandomOperationsAgreeWithAModel() throws Exception {
        randomOperations(1_000_000);
    }
}
