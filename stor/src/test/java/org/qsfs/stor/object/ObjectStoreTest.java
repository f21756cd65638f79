package org.qsfs.stor.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.testing.Scenario;

@DisplayName("A single file")
class ObjectStoreTest {
    private static final long PIECE = 100_000;
    private static final Instant MODIFIED = Instant.parse("1999-12-31T23:59:59.123456789Z");

    @TempDir
    Path directory;

    private Scenario backends;
    private ObjectStore objects;

    @BeforeEach
    void open() {
        backends = Scenario.given(volume(2, 4));
        objects = objects();
    }

    @AfterEach
    void close() {
        backends.close();
    }

    private ObjectStore objects() {
        return backends.engine().objects(directory.resolve("staging"), PIECE);
    }

    private Path file(String name, int length) throws IOException {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        Path file = Files.write(directory.resolve(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(file, FileTime.from(MODIFIED));
        return file;
    }

    private void expect(Path stored, Path original) throws IOException {
        Path back = directory.resolve("back/" + original.getFileName());
        objects.retrieve(ObjectName.of(stored), back);
        assertThat(back).hasSameBinaryContentAs(original);
        assertThat(Files.getPosixFilePermissions(back)).isEqualTo(Files.getPosixFilePermissions(original));
        assertThat(Files.getLastModifiedTime(back)).isEqualTo(Files.getLastModifiedTime(original));
        try (Stream<Path> left = Files.list(directory.resolve("staging"))) {
            assertThat(left).isEmpty();
        }
    }

    private long segments() throws IOException {
        return backends.engine().records().stream()
                .map(SegmentRecord::id)
                .filter(id -> id.namespace() == SegmentNamespace.OBJECT)
                .count();
    }

    @Test
    @DisplayName(
            "comes back with its content, permissions and time, whatever its length, with two of four backends lost")
    void lengths() throws Exception {
        for (int length : new int[] {0, 1, (int) PIECE, (int) PIECE + 1, 345_678}) {
            Path file = file("file" + length, length);
            ObjectStore.Stored stored = objects.store(file, file);
            assertThat(stored.uploaded()).isTrue();
            assertThat(stored.object().pieces()).hasSize(Math.max(1, Math.ceilDiv(length, (int) PIECE)));
        }
        backends.kill(2);
        for (int length : new int[] {0, 1, (int) PIECE, (int) PIECE + 1, 345_678}) {
            Path file = directory.resolve("file" + length);
            expect(file, file);
        }
        assertThat(objects.all()).hasSize(5);
    }

    @Test
    @DisplayName(
            "is uploaded once for the same content, and replaced by other content, whose pieces then are the only ones")
    void again() throws Exception {
        Path file = file("file", 250_000);
        Path name = Path.of("/backups/daily");
        objects.store(file, name);
        assertThat(objects.store(file, name).uploaded()).isFalse();
        assertThat(segments()).isEqualTo(3);

        Path other = file("other", 120_000);
        assertThat(objects.store(other, name).uploaded()).isTrue();
        expect(Path.of("/backups/./x/../daily"), other);
        assertThat(segments()).isEqualTo(2);

        assertThat(objects.delete(ObjectName.of(name))).isTrue();
        assertThat(objects.delete(ObjectName.of(name))).isFalse();
        assertThat(segments()).isZero();
        backends.expectEmptyBackends();
        assertThatThrownBy(() -> objects.retrieve(ObjectName.of(name), other))
                .isInstanceOf(StorException.NoSuchObject.class);
    }

    @Test
    @DisplayName("stays as it was when a newer one cannot be stored")
    void failedStore() throws Exception {
        Path file = file("file", 150_000);
        objects.store(file, file);
        Path original =
                Files.copy(file, directory.resolve("original"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        file("file", 350_000);
        backends.kill(3);
        assertThatThrownBy(() -> objects.store(file, file)).isInstanceOf(StorException.class);
        backends.restore().heal();
        expect(file, original);
        objects.collect();
        assertThat(segments()).isEqualTo(2);
    }

    @Test
    @DisplayName("is stored anew under another policy")
    void rebuilt() throws Exception {
        Path file = file("file", 150_000);
        objects.store(file, file);
        backends.reconfigure(settings -> settings.with(RedundancyPolicy.of(1, 3)), configs -> configs);
        objects = objects();
        objects.rebuild(ObjectName.of(file));
        expect(file, file);
        for (SegmentId piece : objects.find(ObjectName.of(file)).orElseThrow().pieces()) {
            assertThat(backends.record(piece).policy()).isEqualTo(RedundancyPolicy.of(1, 3));
        }
        assertThat(segments()).isEqualTo(2);
    }

    @Test
    @DisplayName("gets its record back from its pieces")
    void recordsLost() throws Exception {
        Path file = file("file", 250_000);
        Path small = file("small", 10);
        objects.store(file, file);
        objects.store(small, small);
        for (Path path : new Path[] {file, small}) {
            backends.forget("object/" + ObjectName.of(path));
        }
        assertThat(objects.all()).isEmpty();
        assertThat(objects.rebuildRecords()).isEqualTo(2);
        expect(file, file);
        expect(small, small);
    }

    @Test
    @DisplayName("is refused when it is a directory, does not exist, or has no absolute path")
    void refused() {
        assertThatThrownBy(() -> objects.store(directory, directory))
                .isInstanceOf(StorException.ObjectRefused.class)
                .hasMessageContaining("not a regular file");
        assertThatThrownBy(() -> objects.store(directory.resolve("none"), directory.resolve("none")))
                .isInstanceOf(java.nio.file.NoSuchFileException.class);
        assertThatThrownBy(() -> ObjectName.of(Path.of("relative"))).hasMessageContaining("absolute");
    }
}
