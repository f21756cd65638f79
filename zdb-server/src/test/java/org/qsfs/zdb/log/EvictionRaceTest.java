package org.qsfs.zdb.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.file.FileLayer;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;

/** A segment that goes and comes back while it is read. */
class EvictionRaceTest {
    @TempDir
    Path dir;

    private interface Step {
        void run() throws IOException;
    }

    /** Files of which one cannot be opened in the moment in which something else happens. */
    private record Racing(FileLayer files, AtomicReference<@Nullable Step> meanwhile) implements FileLayer {
        @Override
        public OpenFile open(Path file, OpenMode mode) throws IOException {
            Step step = meanwhile.getAndSet(null);
            if (step != null) {
                step.run();
                throw new NoSuchFileException(file.toString());
            }
            return files.open(file, mode);
        }

        @Override
        public void createDirectories(Path directory) throws IOException {
            files.createDirectories(directory);
        }

        @Override
        public List<String> list(Path directory) throws IOException {
            return files.list(directory);
        }

        @Override
        public boolean exists(Path file) {
            return files.exists(file);
        }

        @Override
        public long size(Path file) throws IOException {
            return files.size(file);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            files.rename(from, to);
        }

        @Override
        public void delete(Path file) throws IOException {
            files.delete(file);
        }

        @Override
        public void syncDirectory(Path directory) throws IOException {
            files.syncDirectory(directory);
        }

        @Override
        public long usableSpace(Path directory) throws IOException {
            return files.usableSpace(directory);
        }
    }

    private record Stored(Path file) implements MissingSegments {
        @Override
        public int highest() {
            return 1;
        }

        @Override
        public long length(int segment) throws IOException {
            return Files.size(file);
        }

        @Override
        public void read(int segment, long offset, ByteBuffer dst) throws IOException {
            dst.put(ByteBuffer.wrap(Files.readAllBytes(file)).slice((int) offset, dst.remaining()));
        }
    }

    @Test
    void aSegmentThatWasInstalledAgainWhileAReaderMissedItIsKnownToBeLocal() throws IOException {
        Path stored = dir.resolve("stored");
        AtomicReference<@Nullable Step> meanwhile = new AtomicReference<>();
        SegmentLogConfig config = SegmentLogConfig.of(dir.resolve("data"), dir.resolve("index"), "vol-data")
                .withMissing(new Stored(stored));
        try (SegmentLog log = SegmentLog.open(config.withFiles(new Racing(config.files(), meanwhile)))) {
            Files.write(stored, new byte[0]);
            log.startSegment(2);
            byte[] value = "value".getBytes(StandardCharsets.UTF_8);
            Location at = log.append("key".getBytes(StandardCharsets.UTF_8), ByteBuffer.wrap(value));
            log.roll();
            Path local = dir.resolve("data/vol-data/d2");
            Files.write(stored, Files.readAllBytes(local));
            evictAndInstall(log, stored);
            meanwhile.set(() -> evictAndInstall(log, stored));
            ByteBuffer read = ByteBuffer.allocate(value.length);
            log.read(at, 0, read);
            assertThat(read.array()).isEqualTo(value);
            assertThat(log.segments().getLast().local()).isTrue();
            log.evict(2);
            assertThat(local).doesNotExist();
        }
    }

    private void evictAndInstall(SegmentLog log, Path stored) throws IOException {
        Path copy = Files.copy(stored, dir.resolve("copy"));
        log.evict(2);
        log.install(2, copy);
    }
}
