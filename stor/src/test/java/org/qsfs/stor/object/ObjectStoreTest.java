package org.qsfs.stor.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StorException;

@DisplayName("A single file")
class ObjectStoreTest extends StoredFiles {
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
        expectNoStrays();
    }

    @Test
    @DisplayName("is refused when it changes while it is stored, before its last piece is")
    void changed() throws Exception {
        Path file = file("file", 250_000);
        backends.zdb(0).afterWrite(() -> change(file));
        assertThatThrownBy(() -> objects.store(file, file))
                .isInstanceOf(StorException.ObjectRefused.class)
                .hasMessageContaining("changed");
        assertThat(objects.all()).isEmpty();
        assertThat(segments()).isZero();
        backends.expectEmptyBackends();
    }

    @Test
    @DisplayName(
            "leaves nothing in the staging directory: what an interrupted process left goes with the next change, not with a reader")
    void staging() throws Exception {
        Path file = file("file", 10);
        objects.store(file, file);
        Path left = Files.writeString(directory.resolve("staging/qsfs-piece123.tmp"), "left");
        objects.retrieve(ObjectName.of(file), directory.resolve("copy"));
        assertThat(left).exists();
        objects.store(file, Path.of("/other"));
        expect(file, file);
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
    @DisplayName("is refused when it is a directory, does not exist, or has no absolute path")
    void refused() {
        assertThatThrownBy(() -> objects.store(directory, directory))
                .isInstanceOf(StorException.ObjectRefused.class)
                .hasMessageContaining("not a regular file");
        assertThatThrownBy(() -> objects.store(directory.resolve("none"), directory.resolve("none")))
                .isInstanceOf(java.nio.file.NoSuchFileException.class);
        assertThatThrownBy(() -> ObjectName.of(Path.of("relative"))).hasMessageContaining("absolute");
    }

    @Test
    @DisplayName("stays when a copy of the catalog that was made meanwhile also calls it garbage")
    void copiedCatalog() throws Exception {
        Path file = file("file", 150_000);
        StoredObject object = objects.store(file, file).object();
        assertThat(backends.catalog()
                        .commit(CatalogTransaction.begin()
                                .ifHeld(backends.lease())
                                .put("object-garbage/" + object.generation(), object.encode())
                                .build()))
                .isPresent();
        expectNoStrays();
        expect(file, file);
    }
}
