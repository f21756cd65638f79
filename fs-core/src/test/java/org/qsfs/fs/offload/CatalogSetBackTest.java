package org.qsfs.fs.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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
import org.qsfs.stor.segment.PublishedHead;

@DisplayName("A catalog that was set back to an older state")
class CatalogSetBackTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final VolumeId id = VolumeId.random();
    private final MemorySegmentStore store = new MemorySegmentStore();
    private final List<Volume> opened = new ArrayList<>();
    private MemorySegmentStore.CatalogState older = new MemorySegmentStore.CatalogState(Optional.empty(), Map.of());

    @BeforeEach
    void publishTwice() throws Exception {
        try (Volume volume = open(Start.RESUME, 1)) {
            write(volume.fileSystem(), "early");
            assertThat(volume.flush(progress -> {}, PATIENCE).published()).isTrue();
            older = store.catalog();
            write(volume.fileSystem(), "late");
            assertThat(volume.flush(progress -> {}, PATIENCE).published()).isTrue();
        }
    }

    @AfterEach
    void closeAll() throws IOException {
        for (Volume volume : opened) {
            volume.close();
        }
    }

    @Test
    @DisplayName("but still knows the later segments: a restore takes the later head of the backends and says so")
    void restoreWithOldHead() throws Exception {
        Optional<PublishedHead> newest = store.head();
        store.setHeadBack(older.head());
        deleteTree(directory.resolve("volume"));

        Volume restored = open(Start.RESTORE, 2);
        expect(restored.fileSystem(), "early");
        expect(restored.fileSystem(), "late");
        assertThat(restored.setBack())
                .hasValueSatisfying(
                        text -> assertThat(text).contains("the catalog was set back", "the later one is used"));
        assertThat(store.head().map(PublishedHead::head))
                .as("the catalog has it again")
                .isEqualTo(newest.map(PublishedHead::head));
        write(restored.fileSystem(), "new");
        assertThat(restored.flush(progress -> {}, PATIENCE).published()).isTrue();
    }

    @Test
    @DisplayName("and has lost its head altogether is restored to the backends' head")
    void restoreWithoutHead() throws Exception {
        store.setHeadBack(Optional.empty());
        deleteTree(directory.resolve("volume"));
        assertThatThrownBy(() -> open(Start.RESUME, 2))
                .as("no new volume over a published one")
                .isInstanceOf(VolumeException.class)
                .hasMessageContaining("qsfs restore");

        Volume restored = open(Start.RESTORE, 2);
        expect(restored.fileSystem(), "late");
        assertThat(restored.setBack())
                .hasValueSatisfying(text -> assertThat(text).contains("it has no head"));
    }

    @Test
    @DisplayName("and does not know the later segments any more refuses the restore, and says what to do")
    void restoreWithoutRecords() throws Exception {
        store.setCatalogBack(older);
        deleteTree(directory.resolve("volume"));
        assertThatThrownBy(() -> open(Start.RESTORE, 2))
                .isInstanceOf(VolumeException.class)
                .hasMessageContaining("the catalog was set back")
                .hasMessageContaining("no record")
                .hasMessageContaining("qsfs catalog rebuild");
        assertThat(store.head()).as("nothing was changed").isEqualTo(older.head());
        assertThat(directory.resolve("volume/state")).doesNotExist();
    }

    @Test
    @DisplayName("to before the epoch of the later head refuses the restore")
    void restoreInAnOlderEpoch() throws Exception {
        try (Volume volume = reopenIn(3)) {
            write(volume.fileSystem(), "third");
            assertThat(volume.flush(progress -> {}, PATIENCE).published()).isTrue();
        }
        store.setHeadBack(older.head());
        deleteTree(directory.resolve("volume"));
        assertThatThrownBy(() -> open(Start.RESTORE, 2)).hasMessageContaining("qsfs catalog rebuild");
        assertThatThrownBy(() -> open(Start.RESTORE, 3)).hasMessageContaining("qsfs catalog rebuild");
    }

    @Test
    @DisplayName("is noticed by a mount that has the later state itself, which goes on with it")
    void mountWithLaterState() throws Exception {
        Optional<PublishedHead> newest = store.head();
        store.setHeadBack(older.head());
        Volume again = open(Start.RESUME, 1);
        assertThat(again.setBack()).isPresent();
        expect(again.fileSystem(), "late");
        assertThat(store.head().map(PublishedHead::head)).isEqualTo(newest.map(PublishedHead::head));
    }

    @Test
    @DisplayName("stores again what it does not know any more, if the machine still has it")
    void mountWithLocalSegments() throws Exception {
        store.setCatalogBack(older);
        Volume again = open(Start.RESUME, 1);
        assertThat(again.setBack()).isPresent();
        expect(again.fileSystem(), "late");
        write(again.fileSystem(), "new");
        assertThat(again.flush(progress -> {}, PATIENCE).published()).isTrue();
        again.close();
        deleteTree(directory.resolve("volume"));
        Volume restored = open(Start.RESTORE, 2);
        expect(restored.fileSystem(), "late");
        expect(restored.fileSystem(), "new");
    }

    @Test
    @DisplayName("is refused by a mount that needs evicted segments which it does not know any more")
    void mountWithEvictedSegments() throws Exception {
        try (Volume volume = open(Start.RESUME, 1)) {
            assertThat(volume.evictAll().kept()).isZero();
        }
        store.setCatalogBack(older);
        assertThatThrownBy(() -> open(Start.RESUME, 1))
                .isInstanceOf(VolumeException.class)
                .hasMessageContaining("qsfs catalog rebuild");
    }

    @Test
    @DisplayName("is not claimed when the backends' copies are older than the catalog, or out of reach")
    void olderCopies() throws Exception {
        try (Volume volume = open(Start.RESUME, 1)) {
            assertThat(volume.setBack()).isEmpty();
        }
        store.reachable(false);
        assertThat(open(Start.RESUME, 1).setBack()).isEmpty();
    }

    private Volume reopenIn(long epoch) throws IOException {
        deleteTree(directory.resolve("volume"));
        return open(Start.RESTORE, epoch);
    }

    private Volume open(Start start, long epoch) throws IOException {
        VolumeConfig config = VolumeConfig.of(directory.resolve("volume"), "test", id)
                .with(new VolumeConfig.Segments(1 << 20, Duration.ofMinutes(15), 2))
                .with(new VolumeConfig.Memory(8, 8 << 20));
        Volume volume = Volume.open(config, store, epoch, start);
        opened.add(volume);
        return volume;
    }

    private static void write(FileSystem fs, String name) throws FsException {
        FileSystem.Created created =
                fs.create(Caller.ROOT, FileSystem.ROOT, FileName.of(name), 0644, OpenFlags.READ_WRITE);
        fs.write(created.handle(), 0, ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)));
        fs.fsync(created.handle(), false);
        fs.release(created.handle());
    }

    /** A file holds its own name. */
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
