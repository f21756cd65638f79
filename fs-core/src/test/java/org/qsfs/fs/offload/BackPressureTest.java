package org.qsfs.fs.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;

@DisplayName("Back-pressure")
class BackPressureTest {
    private static final Duration PATIENCE = Duration.ofMillis(200);
    private static final long MORE_THAN_ANY_DISK = Long.MAX_VALUE / 2;

    @TempDir
    Path directory;

    private final AtomicLong notStored = new AtomicLong();
    private final AtomicInteger roomAsked = new AtomicInteger();

    private BackPressure pressure(long diskReserve) throws IOException {
        return new BackPressure(directory, diskReserve, 1000, notStored::get, roomAsked::incrementAndGet, PATIENCE);
    }

    @Test
    @DisplayName("lets writers go on while there is room")
    void room() throws IOException {
        BackPressure pressure = pressure(0);
        for (int i = 0; i < 100; i++) {
            pressure.reserve(1 << 20);
        }
        assertThat(roomAsked).hasValue(0);
    }

    @Test
    @DisplayName("asks for room on a full disk and gives up with ENOSPC")
    void fullDisk() throws IOException {
        BackPressure pressure = pressure(MORE_THAN_ANY_DISK);
        assertThatThrownBy(() -> pressure.reserve(1))
                .isInstanceOfSatisfying(
                        FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC))
                .hasMessageContaining("reserve");
        assertThat(roomAsked).hasPositiveValue();
    }

    @Test
    @DisplayName("waits for uploads, and says so when they do not come")
    void uploadsBehind() throws IOException {
        BackPressure pressure = pressure(0);
        notStored.set(1001);
        assertThatThrownBy(() -> pressure.reserve(1))
                .isInstanceOf(FsException.class)
                .hasMessageContaining("max_not_stored");
        assertThat(roomAsked).as("evicting does not help").hasValue(0);

        Thread.startVirtualThread(() -> notStored.set(1000));
        pressure.reserve(1);
    }
}
