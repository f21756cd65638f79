package org.qsfs.fs.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.Caller;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.journal.JournalDamagedException;
import org.qsfs.fs.offload.Volume.Start;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.StoredState;

@DisplayName("A volume")
class VolumeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int FILE_BYTES = 300_000;

    @TempDir
    Path directory;

    private final VolumeId id = VolumeId.random();
    private final MemorySegmentStore store = new MemorySegmentStore();
    private final List<Volume> opened = new ArrayList<>();
    private long epoch = 1;

    private Volume open(Start start) throws IOException {
        return open(start, 1L << 30);
    }

    private Volume open(Start start, long cache) throws IOException {
        VolumeConfig config = VolumeConfig.of(directory.resolve("volume"), "test", id)
                .with(new VolumeConfig.Segments(1 << 20, Duration.ofMinutes(15), 2))
                .with(new VolumeConfig.Space(cache, 1L << 30, 16 << 20))
                .with(new VolumeConfig.Memory(8, 8 << 20));
        Volume volume = Volume.open(config, store, epoch, start);
        opened.add(volume);
        return volume;
    }

    @AfterEach
    void closeAll() throws IOException {
        for (Volume volume : opened) {
            volume.close();
        }
    }

    @Test
    @DisplayName("reads evicted files back from the backends")
    void evicted() throws Exception {
        Volume volume = open(Start.RESUME);
        for (int i = 0; i < 10; i++) {
            write(volume.fileSystem(), "file" + i, i);
        }
        assertThat(volume.flush(progress -> {}, PATIENCE).published()).isTrue();
        Eviction eviction = volume.evictAll();

        assertThat(eviction.kept()).isZero();
        assertThat(eviction.bytes()).isGreaterThan(10 * FILE_BYTES);
        VolumeStatus status = volume.status();
        assertThat(status.segments().evicted()).isEqualTo(status.segments().stored());
        assertThat(status.bytes().cache()).isZero();
        for (int i = 0; i < 10; i++) {
            expect(volume.fileSystem(), "file" + i, i);
        }
    }

    @Test
    @DisplayName("does not evict what its backends do not confirm")
    void unconfirmed() throws Exception {
        Volume volume = open(Start.RESUME);
        write(volume.fileSystem(), "file", 1);
        volume.flush(progress -> {}, PATIENCE);
        store.confirms(false);
        Eviction eviction = volume.evictAll();
        assertThat(eviction.evicted()).isZero();
        assertThat(eviction.kept()).isPositive();
        expect(volume.fileSystem(), "file", 1);
    }

    @Test
    @DisplayName(
            "does not evict a segment of which less is stored than is here, and does evict one that was cut here after it was stored")
    void storedInAnotherLength() throws Exception {
        Volume volume = open(Start.RESUME);
        write(volume.fileSystem(), "file", 1);
        volume.flush(progress -> {}, PATIENCE);
        SegmentId data = store.records().stream()
                .map(SegmentRecord::id)
                .filter(segment -> segment.namespace() == SegmentNamespace.DATA)
                .findFirst()
                .orElseThrow();
        Path local = directory.resolve("volume/zdb/data/test-data/d" + data.number());
        store.resize(data, -1);
        assertThat(volume.evictAll().kept()).isEqualTo(1);
        assertThat(local).exists();

        store.resize(data, 1000);
        assertThat(volume.evictAll().kept()).isZero();
        assertThat(local).doesNotExist();
    }

    @Test
    @DisplayName("evicts the segments first that nobody reads, when it holds more than its cache may")
    void coldestFirst() throws Exception {
        Volume writing = open(Start.RESUME);
        for (int i = 0; i < 20; i++) {
            write(writing.fileSystem(), "file" + i, i);
        }
        writing.flush(progress -> {}, PATIENCE);
        writing.close();
        Path segments = directory.resolve("volume/zdb/data/test-data");
        List<Path> all = files(segments);
        assertThat(all).hasSizeGreaterThan(4);

        Volume volume = open(Start.RESUME, 3 << 20);
        expect(volume.fileSystem(), "file0", 0); // in the oldest segment, which goes first when nothing is read
        Instant deadline = Instant.now().plus(PATIENCE);
        while (files(segments).size() == all.size()) {
            assertThat(Instant.now()).as("something was evicted").isBefore(deadline);
            Thread.sleep(20);
        }
        assertThat(files(segments)).contains(segments.resolve("d0"));
    }

    @Test
    @DisplayName("stores segments again that the backends have lost, while they are still here")
    void storesLostOnesAgain() throws Exception {
        Volume before = open(Start.RESUME);
        write(before.fileSystem(), "file", 5);
        before.flush(progress -> {}, PATIENCE);
        before.close();
        store.loseAll();

        Volume volume = open(Start.RESUME);
        assertThat(volume.flush(progress -> {}, PATIENCE).published()).isTrue();
        assertThat(store.records()).isNotEmpty().allMatch(record -> record.state() == StoredState.STORED);
        assertThat(volume.evictAll().kept()).isZero();
        expect(volume.fileSystem(), "file", 5);
    }

    @Test
    @DisplayName("is as it was after close and open, also when the index is gone and everything was evicted")
    void reopened() throws Exception {
        Volume first = open(Start.RESUME);
        write(first.fileSystem(), "file", 7);
        first.flush(progress -> {}, PATIENCE);
        first.evictAll();
        first.close();
        deleteTree(directory.resolve("volume/index"));

        Volume second = open(Start.RESUME);
        expect(second.fileSystem(), "file", 7);
        write(second.fileSystem(), "another", 8);
        second.flush(progress -> {}, PATIENCE);
        second.close();

        expect(open(Start.RESUME).fileSystem(), "another", 8);
    }

    @Test
    @DisplayName("comes back on an empty machine as it was published, under a new epoch, and can be written again")
    void restored() throws Exception {
        Volume first = open(Start.RESUME);
        write(first.fileSystem(), "published", 1);
        first.flush(progress -> {}, PATIENCE);
        store.reachable(false);
        write(first.fileSystem(), "lost", 2);
        first.close();
        store.reachable(true);
        deleteTree(directory.resolve("volume"));

        assertThatThrownBy(() -> open(Start.RESUME))
                .isInstanceOf(VolumeException.class)
                .hasMessageContaining("qsfs restore");
        epoch = 2;
        Volume restored = open(Start.RESTORE);
        expect(restored.fileSystem(), "published", 1);
        assertThatThrownBy(() -> restored.fileSystem().lookup(Caller.ROOT, FileSystem.ROOT, FileName.of("lost")))
                .isInstanceOf(FsException.class);
        write(restored.fileSystem(), "new", 3);
        assertThat(restored.flush(progress -> {}, PATIENCE).published()).isTrue();
        restored.close();

        deleteTree(directory.resolve("volume"));
        epoch = 3;
        Volume again = open(Start.RESTORE);
        expect(again.fileSystem(), "published", 1);
        expect(again.fileSystem(), "new", 3);
    }

    @Test
    @DisplayName("publishes within the push interval though data segments close all the time")
    void steadyWriting() throws Exception {
        VolumeConfig config = VolumeConfig.of(directory.resolve("volume"), "test", id)
                .with(new VolumeConfig.Segments(1 << 20, Duration.ofSeconds(2), 2))
                .with(new VolumeConfig.Memory(8, 8 << 20));
        try (Volume volume = Volume.open(config, store, epoch, Start.RESUME)) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            for (int i = 0; volume.status().lastPublished().isEmpty(); i++) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                write(volume.fileSystem(), "file" + i, i);
            }
        }
    }

    @Test
    @DisplayName("uploads after a restart what could not be uploaded before")
    void unreachable() throws Exception {
        store.reachable(false);
        Volume first = open(Start.RESUME);
        write(first.fileSystem(), "file", 5);
        UploadProgress progress = first.flush(ignored -> {}, Duration.ofSeconds(2));
        assertThat(progress.published()).isFalse();
        assertThat(progress.problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("unreachable"));
        assertThat(first.status().bytes().notStored()).isPositive();
        first.close();

        store.reachable(true);
        Volume second = open(Start.RESUME);
        assertThat(second.flush(ignored -> {}, PATIENCE).published()).isTrue();
        second.evictAll();
        expect(second.fileSystem(), "file", 5);
    }

    @Test
    @DisplayName("refuses local state that is older than what was published")
    void oldLocalState() throws Exception {
        Volume first = open(Start.RESUME);
        write(first.fileSystem(), "one", 1);
        first.flush(progress -> {}, PATIENCE);
        first.close();
        copyTree(directory.resolve("volume"), directory.resolve("backup"));
        Volume second = open(Start.RESUME);
        write(second.fileSystem(), "two", 2);
        second.flush(progress -> {}, PATIENCE);
        second.close();

        deleteTree(directory.resolve("volume"));
        copyTree(directory.resolve("backup"), directory.resolve("volume"));
        assertThatThrownBy(() -> open(Start.RESUME))
                .isInstanceOf(VolumeException.class)
                .hasMessageContaining("different histories");
    }

    @Test
    @DisplayName("reads the stored copy of a segment whose local copy is damaged")
    void damagedLocally() throws Exception {
        Volume volume = open(Start.RESUME);
        write(volume.fileSystem(), "file", 9);
        volume.flush(progress -> {}, PATIENCE);
        Path segment = directory.resolve("volume/zdb/data/test-data/d0");
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}), 100_000);
        }
        expect(volume.fileSystem(), "file", 9);
    }

    @Test
    @DisplayName("reads the stored copy of a data segment that was cut in half")
    void dataSegmentCutInHalf() throws Exception {
        Volume volume = open(Start.RESUME);
        write(volume.fileSystem(), "file", 9);
        volume.flush(progress -> {}, PATIENCE);
        cutInHalf(directory.resolve("volume/zdb/data/test-data/d0"));
        expect(volume.fileSystem(), "file", 9);
        volume.close();

        Volume again = open(Start.RESUME);
        expect(again.fileSystem(), "file", 9);
    }

    @Test
    @DisplayName("replays the stored copy of a journal segment that was cut in half")
    void journalSegmentCutInHalf() throws Exception {
        Volume first = open(Start.RESUME);
        for (int i = 0; i < 20; i++) {
            write(first.fileSystem(), "file" + i, i);
        }
        first.flush(progress -> {}, PATIENCE);
        write(first.fileSystem(), "later", 30);
        first.flush(progress -> {}, PATIENCE);
        first.close();
        cutInHalf(directory.resolve("volume/zdb/data/test-meta/d0"));
        deleteTree(directory.resolve("volume/index"));

        Volume second = open(Start.RESUME);
        for (int i = 0; i < 20; i++) {
            expect(second.fileSystem(), "file" + i, i);
        }
        expect(second.fileSystem(), "later", 30);
    }

    @Test
    @DisplayName(
            "whose journal is damaged and stored nowhere is refused, and opens without the damaged part when told to repair")
    void repair() throws Exception {
        store.reachable(false);
        Volume first = open(Start.RESUME);
        write(first.fileSystem(), "before", 1);
        first.flush(progress -> {}, Duration.ofMillis(1));
        write(first.fileSystem(), "damaged", 2);
        first.flush(progress -> {}, Duration.ofMillis(1));
        write(first.fileSystem(), "after", 3);
        first.close();
        Path middle = directory.resolve("volume/zdb/data/test-meta/d1");
        try (FileChannel channel = FileChannel.open(middle, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {9, 9, 9, 9}), channel.size() / 2);
        }
        deleteTree(directory.resolve("volume/index"));

        assertThatThrownBy(() -> open(Start.RESUME))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining("--repair");
        Volume repaired = open(Start.REPAIR);
        expect(repaired.fileSystem(), "before", 1);
        expect(repaired.fileSystem(), "after", 3);
        write(repaired.fileSystem(), "new", 4);
        repaired.close();
        expect(open(Start.RESUME).fileSystem(), "new", 4);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static void cutInHalf(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
    }

    private static byte[] content(int seed) {
        byte[] bytes = new byte[FILE_BYTES + seed];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void write(FileSystem fs, String name, int seed) throws FsException {
        FileSystem.Created created =
                fs.create(Caller.ROOT, FileSystem.ROOT, FileName.of(name), 0644, OpenFlags.READ_WRITE);
        fs.write(created.handle(), 0, ByteBuffer.wrap(content(seed)));
        fs.fsync(created.handle(), false);
        fs.release(created.handle());
    }

    private static void expect(FileSystem fs, String name, int seed) throws FsException {
        long inode = fs.lookup(Caller.ROOT, FileSystem.ROOT, FileName.of(name)).inode();
        long handle = fs.open(Caller.ROOT, inode, OpenFlags.READ_ONLY);
        ByteBuffer found = ByteBuffer.allocate(FILE_BYTES + seed + 10);
        int count = fs.read(handle, 0, found);
        fs.release(handle);
        assertThat(count).isEqualTo(FILE_BYTES + seed);
        assertThat(java.util.Arrays.copyOf(found.array(), count)).isEqualTo(content(seed));
    }

    private static void deleteTree(Path root) throws IOException {
        List<Path> all;
        try (Stream<Path> paths = Files.walk(root)) {
            all = new ArrayList<>(paths.toList());
        }
        for (Path path : all.reversed()) {
            Files.delete(path);
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }
}
