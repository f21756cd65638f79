package org.qsfs.zdb.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.file.SystemFiles;

@DisplayName("Room that a data file has laid out beyond its end")
@EnabledOnOs(OS.LINUX)
class ReservedRoomTest {
    private static final int MEBI = 1 << 20;

    @TempDir
    Path directory;

    private final ByteBuffer staging = DataFile.staging();

    @Test
    @DisplayName("does not change its length, and is given back when it is complete")
    void givenBack() throws Exception {
        try (DataFile file = DataFile.create(new SystemFiles(), directory, 0, staging, 0)) {
            append(file, 3 * MEBI);
            assertThat(Files.size(directory.resolve("d0"))).isEqualTo(file.length());
            long before = blockBytes();
            assertThat(before).as("room").isGreaterThan(file.length() + 2 * MEBI);
            file.complete();
            assertThat(Files.size(directory.resolve("d0"))).isEqualTo(file.length());
            assertThat(blockBytes()).isBetween(file.length(), file.length() + 64 * 1024);
            append(file, MEBI);
            assertThat(Files.size(directory.resolve("d0"))).isEqualTo(file.length());
        }
    }

    @Test
    @DisplayName("is given back without harm to another file that has been put in its place, or when there is none")
    void exchanged() throws Exception {
        Path path = directory.resolve("d0");
        try (DataFile file = DataFile.create(new SystemFiles(), directory, 0, staging, 0)) {
            append(file, MEBI);
            byte[] longer = new byte[3 * MEBI];
            Files.delete(path);
            Files.write(path, longer);
            file.complete();
            assertThat(Files.readAllBytes(path)).isEqualTo(longer);
            Files.write(path, new byte[10]);
            file.complete();
            assertThat(Files.size(path)).isEqualTo(10);
            Files.delete(path);
            file.complete();
            assertThat(path).doesNotExist();
        }
    }

    @Test
    @DisplayName("is none while it is small")
    void small() throws Exception {
        try (DataFile file = DataFile.create(new SystemFiles(), directory, 0, staging, 0)) {
            append(file, 100_000);
            assertThat(blockBytes()).isLessThan(200_000);
        }
    }

    private static void append(DataFile file, int bytes) throws IOException {
        file.append(new byte[] {1}, 0, 0, 0, bytes, ByteBuffer.allocate(bytes));
        file.file().sync();
    }

    /** What the file takes on the disk, as the system tells. */
    private long blockBytes() throws Exception {
        Process stat =
                new ProcessBuilder("stat", "-c", "%b", directory.resolve("d0").toString()).start();
        return 512
                * Long.parseLong(
                        new String(stat.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII)
                                .strip());
    }
}
