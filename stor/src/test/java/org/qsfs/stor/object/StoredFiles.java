package org.qsfs.stor.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.stor.testing.Scenario.volume;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentNamespace;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.testing.Scenario;

/** What tests of single files begin with: a volume of four backends, and files. */
abstract class StoredFiles {
    static final long PIECE = 100_000;
    private static final Instant MODIFIED = Instant.parse("1999-12-31T23:59:59.123456789Z");

    @TempDir
    Path directory;

    Scenario backends;
    ObjectStore objects;

    @BeforeEach
    void open() {
        backends = Scenario.given(volume(2, 4));
        objects = objects();
    }

    @AfterEach
    void close() {
        backends.close();
    }

    ObjectStore objects() {
        return backends.engine().objects(directory.resolve("staging"), PIECE);
    }

    Path file(String name, int length) throws IOException {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        Path file = Files.write(directory.resolve(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(file, FileTime.from(MODIFIED));
        return file;
    }

    void expect(Path stored, Path original) throws IOException {
        Path back = directory.resolve("back/" + original.getFileName());
        objects.retrieve(ObjectName.of(stored), back);
        assertThat(back).hasSameBinaryContentAs(original);
        assertThat(Files.getPosixFilePermissions(back)).isEqualTo(Files.getPosixFilePermissions(original));
        assertThat(Files.getLastModifiedTime(back)).isEqualTo(Files.getLastModifiedTime(original));
        try (Stream<Path> left = Files.list(directory.resolve("staging"))) {
            assertThat(left).isEmpty();
        }
    }

    long segments() throws IOException {
        return ids().size();
    }

    private Set<SegmentId> ids() throws IOException {
        return backends.engine().records().stream()
                .map(SegmentRecord::id)
                .filter(id -> id.namespace() == SegmentNamespace.OBJECT)
                .collect(Collectors.toSet());
    }

    /** After one more change, and a pass of the repairer, every piece belongs to an object. */
    void expectNoStrays() throws IOException {
        objects.delete(ObjectName.of(Path.of("/nothing")));
        backends.engine().repairAll();
        Set<SegmentId> used = new HashSet<>();
        objects.all().forEach(object -> used.addAll(object.pieces()));
        assertThat(ids()).isEqualTo(used);
        assertThat(backends.catalog().list("object-garbage/")).isEmpty();
        backends.expectNothingForgotten();
    }

    /** Loses all records of objects. */
    void loseRecords() {
        for (var entry : backends.catalog().list("object")) {
            backends.forget(entry.key());
        }
    }

    void reopen() throws IOException {
        backends.reopen();
        objects = objects();
    }

    /** Makes the end of a file another one. */
    static void change(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[100]), channel.size() - 100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
