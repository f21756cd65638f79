package org.qsfs.fs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.format.DataRecord;
import org.qsfs.fs.journal.Journal;
import org.qsfs.fs.journal.JournalConfig;
import org.qsfs.fs.journal.RecoveredVolume;
import org.qsfs.fs.rows.RowStoreConfig;
import org.qsfs.zdb.file.ForgetfulFiles;
import org.qsfs.zdb.log.SegmentLogConfig;

/** A filesystem on a real journal and index, whose logs forget at a crash what was not synced. */
public final class JournaledVolume extends Volume {
    private static final VolumeId VOLUME = new VolumeId(1, 2);
    private static final Path DATA = Path.of("/volume/data");
    private static final Path INDEX = Path.of("/volume/index");

    private final Path indexDirectory;
    private final FileSystemConfig config;
    private ForgetfulFiles files = new ForgetfulFiles();
    private int boots;
    private RecoveredVolume volume;
    private QsfsFileSystem fs;

    public JournaledVolume() {
        this(TestVolume.quiet());
    }

    public JournaledVolume(FileSystemConfig config) {
        this.config = config;
        try {
            Path memory = Path.of("/dev/shm");
            this.indexDirectory =
                    Files.createTempDirectory(Files.isWritable(memory) ? memory : Path.of("/tmp"), "qsfs-index");
            this.volume = openJournal();
            this.fs = openFileSystem();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public QsfsFileSystem fs() {
        return fs;
    }

    public Journal journal() {
        return volume.journal();
    }

    public ForgetfulFiles files() {
        return files;
    }

    @Override
    public void remount() throws IOException {
        fs.close();
        volume.journal().close();
        reopen();
    }

    /** The machine stops and starts again. */
    public void crash(Random random) throws IOException {
        ForgetfulFiles found = files.crash(random);
        volume.journal().abandon();
        try {
            fs.close();
        } catch (FsException e) {
            // a filesystem that crashed cannot write any more
        }
        files = found;
        boots++;
        reopen();
    }

    private void reopen() throws IOException {
        volume = openJournal();
        fs = openFileSystem();
    }

    private QsfsFileSystem openFileSystem() throws FsException {
        return QsfsFileSystem.open(config, volume, SpaceReservation.UNLIMITED, DamagedBlockListener.NO_OTHER_COPY);
    }

    private RecoveredVolume openJournal() throws IOException {
        SegmentLogConfig data = SegmentLogConfig.of(DATA, INDEX, "v-data")
                .withFiles(files)
                .withKeyLength(DataRecord.KEY_BYTES)
                .withSegmentSize(2 << 20);
        SegmentLogConfig meta =
                SegmentLogConfig.of(DATA, INDEX, "v-meta").withFiles(files).withSegmentSize(64 << 10);
        RowStoreConfig rows = RowStoreConfig.of(indexDirectory, VOLUME.toString(), "boot-" + boots)
                .withMemory(4, 1 << 20)
                .withPatience(Duration.ofSeconds(30));
        return Journal.open(JournalConfig.of(VOLUME, 1, data, meta, rows));
    }

    @Override
    public void close() {
        try {
            fs.close();
            volume.journal().close();
            try (Stream<Path> all = Files.walk(indexDirectory)) {
                for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
