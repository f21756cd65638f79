package org.qsfs.cli.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("QSFS_HOME")
class HomeTest {
    @TempDir
    Path directory;

    private static Path root(Map<String, String> environment, String user) {
        return Home.of(environment, user, Path.of("/home/anna")).root();
    }

    @Test
    @DisplayName("is what the environment says, else depends on the user")
    void places() {
        assertThat(root(Map.of("QSFS_HOME", "/data/q"), "root")).isEqualTo(Path.of("/data/q"));
        assertThat(root(Map.of(), "root")).isEqualTo(Path.of("/var/lib/qsfs"));
        assertThat(root(Map.of("XDG_DATA_HOME", "/xdg"), "anna")).isEqualTo(Path.of("/xdg/qsfs"));
        assertThat(root(Map.of("XDG_DATA_HOME", "relative"), "anna"))
                .isEqualTo(Path.of("/home/anna/.local/share/qsfs"));
        assertThat(root(Map.of("QSFS_HOME", ""), "anna")).isEqualTo(Path.of("/home/anna/.local/share/qsfs"));
    }

    @Test
    @DisplayName("has a socket address that fits, however deep it lies")
    void deepSocket() {
        Home deep = new Home(Path.of("/" + "d".repeat(50) + "/" + "e".repeat(50)));
        assertThat(deep.volume("v").socket().toString()).hasSizeLessThan(108);
        assertThat(deep.volume("v").socket()).isNotEqualTo(deep.volume("w").socket());
        assertThat(new Home(Path.of("/q")).volume("v").socket()).isEqualTo(Path.of("/q/volumes/v/qsfs.sock"));
    }

    @Test
    @DisplayName("lets one process at a time open a volume")
    void lock() throws Exception {
        VolumeHome volume = new Home(directory).volume("v");
        try (VolumeLock held = VolumeLock.tryAcquire(volume).orElseThrow()) {
            assertThat(held).isNotNull();
            assertThat(VolumeLock.tryAcquire(volume)).isEmpty();
        }
        try (VolumeLock again = VolumeLock.tryAcquire(volume).orElseThrow()) {
            assertThat(again).isNotNull();
        }
    }

    @Test
    @DisplayName("has a command wait for another command that has the volume open, not for a daemon")
    void waiting() throws Exception {
        VolumeHome volume = new Home(directory).volume("v");
        Duration forever = Duration.ofDays(1);
        VolumeLock held = VolumeLock.tryAcquire(volume).orElseThrow();
        assertThat(VolumeLock.acquire(volume, Duration.ZERO)).isEmpty();
        FutureTask<Optional<VolumeLock>> command = new FutureTask<>(() -> VolumeLock.acquire(volume, forever));
        Thread waiting = Thread.ofPlatform().daemon().start(command);
        while (waiting.getState() != Thread.State.TIMED_WAITING && !command.isDone()) {
            Thread.onSpinWait();
        }
        held.close();
        try (VolumeLock next = command.get().orElseThrow()) {
            assertThat(next).isNotNull();
            new DaemonRecord(ProcessHandle.current().pid(), directory, directory, "kernel").write(volume);
            assertThat(VolumeLock.acquire(volume, forever)).isEmpty();
        }
    }

    @Test
    @DisplayName("remembers its daemons, and forgets damaged records")
    void daemons() throws Exception {
        Home home = new Home(directory);
        VolumeHome volume = home.volume("v");
        DaemonRecord record =
                new DaemonRecord(ProcessHandle.current().pid(), Path.of("/mnt/a b"), volume.socket(), "jnr");
        record.write(volume);
        assertThat(DaemonRecord.read(volume)).contains(record);
        assertThat(DaemonRecord.running(home)).containsExactly(new DaemonRecord.Running(volume, record));
        Files.writeString(volume.daemonRecord(), "nonsense\n");
        assertThat(DaemonRecord.running(home)).isEmpty();
        DaemonRecord.remove(volume);
        assertThat(DaemonRecord.read(volume)).isEmpty();
    }

    @Test
    @DisplayName("keeps its files private")
    void privateFiles() throws Exception {
        Path file = directory.resolve("keys/v.key");
        PrivateFiles.write(file, "one");
        PrivateFiles.write(file, "two");
        assertThat(file).hasContent("two");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        assertThat(PrivateFiles.othersMayRead(file)).isFalse();
        assertThat(directory.resolve("keys")).isDirectoryNotContaining("glob:**/.*");
    }
}
