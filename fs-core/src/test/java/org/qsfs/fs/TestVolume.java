package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.qsfs.fs.check.Finding;
import org.qsfs.fs.format.DataRecord;
import org.qsfs.fs.journal.MemoryJournal;
import org.qsfs.zdb.log.SegmentLog;
import org.qsfs.zdb.log.SegmentLogConfig;

/** A filesystem on rows in memory and a real data log in a temporary directory, with a clock that ticks a millisecond per look. */
public final class TestVolume implements AutoCloseable {
    public static final Caller ROOT = Caller.ROOT;
    public static final Caller ALICE = new Caller(1000, 1000, 1, java.util.Set.of(2000), 0);
    public static final Caller BOB = new Caller(1001, 1001, 1, java.util.Set.of(), 0);

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

    /** Timers do nothing by themselves: the interval is a day. */
    public static FileSystemConfig quiet() {
        return FileSystemConfig.DEFAULT
                .withCommitInterval(Duration.ofDays(1))
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

    /** A check finds nothing wrong. */
    public void assertSound() throws FsException {
        assertSound(fs);
    }

    public static void assertSound(QsfsFileSystem fs) throws FsException {
        List<Finding> wrong = new ArrayList<>();
        fs.check(true, finding -> {
            if (finding.severity() != Finding.Severity.WARNING) {
                wrong.add(finding);
            }
        });
        assertThat(wrong).isEmpty();
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

    // what tests say often

    public static FileName name(String name) throws FsException {
        return FileName.of(name);
    }

    public Attributes lookup(String path) throws FsException {
        Attributes at = fs.getAttributes(FileSystem.ROOT);
        for (String part : path.split("/")) {
            if (!part.isEmpty()) {
                at = fs.lookup(ROOT, at.inode(), name(part));
                fs.forget(at.inode(), 1);
            }
        }
        return at;
    }

    public long inode(String path) throws FsException {
        return lookup(path).inode();
    }

    public long makeDirectory(String path, int permissions) throws FsException {
        Attributes made = fs.makeDirectory(ROOT, parent(path), leaf(path), permissions);
        fs.forget(made.inode(), 1);
        return made.inode();
    }

    public long makeFile(String path, byte[] content) throws FsException {
        FileSystem.Created created = fs.create(ROOT, parent(path), leaf(path), 0644, OpenFlags.READ_WRITE);
        fs.write(created.handle(), 0, ByteBuffer.wrap(content));
        fs.release(created.handle());
        fs.forget(created.attributes().inode(), 1);
        return created.attributes().inode();
    }

    public byte[] content(String path) throws FsException {
        long handle = fs.open(ROOT, inode(path), OpenFlags.READ_ONLY);
        try {
            return read(handle, 0, (int) lookup(path).size() + 10);
        } finally {
            fs.release(handle);
        }
    }

    public byte[] read(long handle, long offset, int length) throws FsException {
        ByteBuffer target = ByteBuffer.allocateDirect(length);
        int count = fs.read(handle, offset, target);
        byte[] bytes = new byte[count];
        target.get(0, bytes);
        return bytes;
    }

    public List<String> names(String path) throws FsException {
        long handle = fs.openDirectory(ROOT, inode(path));
        try {
            List<String> names = new ArrayList<>();
            for (DirectoryEntry entry : fs.readDirectory(handle, 0, Integer.MAX_VALUE)) {
                names.add(entry.name().toString());
            }
            return names;
        } finally {
            fs.releaseDirectory(handle);
        }
    }

    public long parent(String path) throws FsException {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? FileSystem.ROOT : inode(path.substring(0, slash));
    }

    public FileName leaf(String path) throws FsException {
        return name(path.substring(path.lastIndexOf('/') + 1));
    }
}
