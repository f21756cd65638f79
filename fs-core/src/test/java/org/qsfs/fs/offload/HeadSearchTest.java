package org.qsfs.fs.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.Caller;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.offload.Volume.Start;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;

@DisplayName("The head of a rebuilt catalog")
class HeadSearchTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final VolumeId id = VolumeId.random();
    private final MemorySegmentStore store = new MemorySegmentStore();
    private int scratches;

    @Test
    @DisplayName("is the end of the longest chain, without any copy of a head, and the volume is restored from it")
    void withoutHead() throws Exception {
        Head last = publish(1, Start.RESUME, "one", "two", "three");
        store.loseHeads();
        Head found = search().orElseThrow();
        assertThat(found.lastMeta()).isEqualTo(last.lastMeta());
        assertThat(found.lastMetaHash()).isEqualTo(last.lastMetaHash());
        assertThat(found.epoch()).isEqualTo(last.epoch());

        assertThat(store.publishHead(Optional.empty(), found)).isTrue();
        restoreAndExpect(2, "one", "two", "three");
    }

    @Test
    @DisplayName("goes on from the copy of an older head over segments that were stored and not published")
    void unpublished() throws Exception {
        publish(1, Start.RESUME, "one");
        Optional<PublishedHead> older = store.head();
        Head last = publish(1, Start.RESUME, "two", "three");
        store.loseHeads();
        store.copyIs(older.orElseThrow().head());
        assertThat(search().map(Head::lastMeta)).contains(last.lastMeta());
    }

    @Test
    @DisplayName("is before the first segment whose data are not complete")
    void missingData() throws Exception {
        publish(1, Start.RESUME, "one");
        Head second = publish(1, Start.RESUME, "two");
        List<SegmentId> before = dataSegments();
        publish(1, Start.RESUME, "three");
        List<SegmentId> lost = new ArrayList<>(dataSegments());
        lost.removeAll(before);
        assertThat(lost).isNotEmpty();
        lost.forEach(store::delete);
        store.loseHeads();
        assertThat(search().map(Head::lastMeta)).contains(second.lastMeta());
    }

    @Test
    @DisplayName("needs nothing from before the last checkpoint but the segment of its last transaction")
    void checkpoint() throws Exception {
        publish(1, Start.RESUME, "one", "two", "three");
        List<SegmentId> early = metaSegments();
        Head last = publish(1, Start.REPAIR, "four", "five");
        assertThat(last.checkpoint()).as("opening for repair makes one").isPresent();
        early.stream()
                .filter(segment -> segment.number() + 1
                        < last.checkpoint().orElseThrow().segment().number())
                .forEach(store::delete);
        store.loseHeads();
        Head found = search().orElseThrow();
        assertThat(found.lastMeta()).isEqualTo(last.lastMeta());
        assertThat(found.checkpoint()).isEqualTo(last.checkpoint());
        assertThat(store.publishHead(Optional.empty(), found)).isTrue();
        restoreAndExpect(2, "one", "two", "three", "four", "five");
    }

    @Test
    @DisplayName("follows the higher epoch where two writers went on from the same segment")
    void forks() throws Exception {
        publish(1, Start.RESUME, "one");
        Optional<PublishedHead> fork = store.head();
        Files.move(directory.resolve("volume"), directory.resolve("first-machine"));
        Head taken = publish(2, Start.RESTORE, "two");
        // the first writer had stored more, which nobody ever published
        Files.move(directory.resolve("volume"), directory.resolve("second-machine"));
        Files.move(directory.resolve("first-machine"), directory.resolve("volume"));
        MemorySegmentStore.CatalogState before = store.catalog();
        store.loseHeads();
        store.setHeadBack(fork);
        publish(1, Start.RESUME, "void", "void-too");
        assertThat(store.catalog().records().size())
                .isGreaterThan(before.records().size());

        store.loseHeads();
        assertThat(search().map(Head::lastMeta)).contains(taken.lastMeta());
        store.copyIs(fork.orElseThrow().head());
        assertThat(search().map(Head::lastMeta)).contains(taken.lastMeta());
    }

    @Test
    @DisplayName("is none when nothing is stored, or no chain is whole")
    void nothing() throws Exception {
        assertThat(search()).isEmpty();
        publish(1, Start.RESUME, "one");
        dataSegments().forEach(store::delete);
        store.loseHeads();
        assertThat(search()).isEmpty();
    }

    private Optional<Head> search() throws IOException {
        return HeadSearch.search(store, Files.createDirectory(directory.resolve("scratch" + scratches++)));
    }

    /** Writes files, publishing after each. */
    private Head publish(long epoch, Start start, String... names) throws Exception {
        try (Volume volume = open(epoch, start)) {
            for (String name : names) {
                write(volume.fileSystem(), name);
                assertThat(volume.flush(progress -> {}, PATIENCE).published()).isTrue();
            }
        }
        return store.head().orElseThrow().head();
    }

    private void restoreAndExpect(long epoch, String... names) throws Exception {
        deleteTree(directory.resolve("volume"));
        try (Volume volume = open(epoch, Start.RESTORE)) {
            for (String name : names) {
                expect(volume.fileSystem(), name);
            }
        }
    }

    private Volume open(long epoch, Start start) throws IOException {
        VolumeConfig config = VolumeConfig.of(directory.resolve("volume"), "test", id)
                .with(new VolumeConfig.Segments(1 << 20, Duration.ofMinutes(15), 2))
                .with(new VolumeConfig.Memory(8, 8 << 20));
        return Volume.open(config, store, epoch, start);
    }

    private List<SegmentId> dataSegments() {
        return segments(SegmentNamespace.DATA);
    }

    private List<SegmentId> metaSegments() {
        return segments(SegmentNamespace.META);
    }

    private List<SegmentId> segments(SegmentNamespace namespace) {
        return store.records().stream()
                .map(SegmentRecord::id)
                .filter(segment -> segment.namespace() == namespace)
                .toList();
    }

    private static void write(FileSystem fs, String name) throws FsException {
        FileSystem.Created created =
                fs.create(Caller.ROOT, FileSystem.ROOT, FileName.of(name), 0644, OpenFlags.READ_WRITE);
        fs.write(created.handle(), 0, ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)));
        fs.fsync(created.handle(), false);
        fs.release(created.handle());
    }

    private static void expect(FileSystem fs, String name) throws FsException {
        long inode = fs.lookup(Caller.ROOT, FileSystem.ROOT, FileName.of(name)).inode();
        long handle = fs.open(Caller.ROOT, inode, OpenFlags.READ_ONLY);
        ByteBuffer found = ByteBuffer.allocate(100);
        int count = fs.read(handle, 0, found);
        fs.release(handle);
        assertThat(new String(found.array(), 0, count, StandardCharsets.UTF_8)).isEqualTo(name);
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
}
