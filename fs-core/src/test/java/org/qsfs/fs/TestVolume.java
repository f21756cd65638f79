package org.qsfs.fs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.qsfs.fs.format.DataRecord;
import org.qsfs.fs.journal.MemoryJournal;
import org.qsfs.zdb.log.SegmentLog;
import org.qsfs.zdb.log.SegmentLogConfig;

/** A filesystem on rows in memory and a real data log in a temporary directory, with a clock that ticks a millisecond per look. */
public final class TestVolume extends Volume {
    private final Path directory;
    private final FileSystemConfig config;
    private final AtomicLong millis = new AtomicLong(1_700_000_000_000L);
    private MemoryJournal journal = new MemoryJournal();
    private SegmentLog log;
    private QsfsFileSystem fs;

    private TestVolume(Path directory, FileSystemConfig config) throws IOException {
        this.directory = directory;
        InstantSource ticking = () -> Instant.ofEpochMilli(millis.incrementAndGet());
        this.config = config.withClock(ticking);
        this.log = openLog();
        this.fs = open(this.config);
    }

    /** Nothing happens by itself: the interval of the timer is a day, and writers flush. */
    public static FileSystemConfig quiet() {
        return FileSystemConfig.DEFAULT
                .withCommitInterval(Duration.ofDays(1))
                .withWriteBehind(false)
                .withDirtyBytes(4 << 20)
                .withCaches(1000, 2000);
    }

    public static TestVolume create() {
        return create(quiet());
    }

    public static TestVolume create(FileSystemConfig config) {
        try {
            return new TestVolume(temporaryDirectory(), config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In memory where the system has a place for it: closing a segment syncs it. */
    private static Path temporaryDirectory() throws IOException {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "qsfs-volume")
                : Files.createTempDirectory("qsfs-volume");
    }

    @Override
    public QsfsFileSystem fs() {
        return fs;
    }

    public MemoryJournal journal() {
        return journal;
    }

    public SegmentLog log() {
        return log;
    }

    public Path dataFile(int segment) {
        return directory.resolve("data").resolve("volume").resolve("d" + segment);
    }

    public void advance(Duration time) {
        millis.addAndGet(time.toMillis());
    }

    /** Closes the filesystem and opens it again. */
    @Override
    public void remount() throws IOException {
        fs.close();
        log.close();
        log = openLog();
        fs = open(config);
    }

    public void remount(FileSystemConfig other) throws IOException {
        fs.close();
        fs = open(other.withClock(config.clock()));
    }

    /** Opens another filesystem on what the first {@code transactions} left: the volume after a crash. The caller closes it. */
    public QsfsFileSystem crashedAfter(int transactions) throws IOException {
        MemoryJournal earlier = journal.after(transactions);
        return QsfsFileSystem.open(
                config, earlier, earlier, log, SpaceReservation.UNLIMITED, DamagedBlockListener.NO_OTHER_COPY);
    }

    private QsfsFileSystem open(FileSystemConfig with) throws IOException {
        return QsfsFileSystem.open(
                with, journal, journal, log, SpaceReservation.UNLIMITED, DamagedBlockListener.NO_OTHER_COPY);
    }

    private SegmentLog openLog() throws IOException {
        SegmentLog opened =
                SegmentLog.open(SegmentLogConfig.of(directory.resolve("data"), directory.resolve("index"), "volume")
                        .withKeyLength(DataRecord.KEY_BYTES)
                        .withSegmentSize(4 << 20));
        opened.startSegment(opened.highestSegment() + 1);
        return opened;
    }

    @Override
    public void close() {
        try {
            fs.close();
            log.close();
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
