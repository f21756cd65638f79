package org.qsfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.fuse.MountContract.eventually;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qsfs.fuse.system.Linux;
import org.qsfs.fuse.system.MountTable;
import org.qsfs.fuse.system.Processors;

/** Where and how a mount begins and ends. */
@Timeout(60)
final class FuseMountTest {
    @TempDir
    Path temporary;

    Path mountpoint;

    @BeforeEach
    void machineCanMount() throws IOException {
        String obstacle = MountContract.obstacle(Binding.KERNEL) + MountContract.obstacle(Binding.JNR);
        Assumptions.assumeTrue(obstacle.isEmpty(), obstacle);
        mountpoint = Files.createDirectory(temporary.resolve("mnt with space"));
    }

    private static void refused(Path where, String... words) {
        assertThatThrownBy(() -> FuseMount.mount(new MemoryFileSystem(), MountOptions.of(where)))
                .isInstanceOf(MountException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void saysWhatIsWrongWithTheMountpoint() throws Exception {
        refused(temporary.resolve("missing"), temporary + "/missing", "does not exist", "mkdir -p");
        refused(Files.createFile(temporary.resolve("file")), "is not a directory");
        Files.createFile(mountpoint.resolve("entry"));
        refused(mountpoint, "is not empty", "entry");
        MountOptions here = MountOptions.of(Path.of("").toAbsolutePath()).withAllowNonEmpty(true);
        assertThatThrownBy(() -> FuseMount.mount(new MemoryFileSystem(), here))
                .isInstanceOf(MountException.class)
                .hasMessageContaining("user.dir");
        assertThat(MountTable.read().at(mountpoint)).isEmpty();
    }

    @Test
    void autoTakesTheKernelBinding() throws Exception {
        try (MountedFileSystem mount = FuseMount.mount(new MemoryFileSystem(), MountOptions.of(mountpoint))) {
            assertThat(mount.binding()).isEqualTo(Binding.KERNEL);
            assertThat(mount.mountpoint()).isEqualTo(mountpoint);
            assertThat(mount.awaitUnmount(Duration.ofMillis(1))).isFalse();
        }
        assertThat(MountTable.read().at(mountpoint)).isEmpty();
    }

    @Test
    void requestsComeOverIoUringWhereRootMayAskForIt() throws Exception {
        Path kernelSwitch = Path.of("/sys/module/fuse/parameters/enable_uring");
        Assumptions.assumeTrue(Linux.isRoot() && Files.isWritable(kernelSwitch), "not root, or Linux before 6.14");
        Assumptions.assumeTrue(Processors.possible().orElse(99) <= 8, "more than 8 processors");
        String before = Files.readString(kernelSwitch);
        MountOptions options = MountOptions.of(mountpoint);
        try (MountedFileSystem mount = FuseMount.mount(new MemoryFileSystem(), options)) {
            assertThat(mount.isOverIoUring()).isTrue();
            assertThat(kernelSwitch).hasContent(before);
        }
        try (MountedFileSystem mount = FuseMount.mount(new MemoryFileSystem(), options.withIoUring(false))) {
            assertThat(mount.isOverIoUring()).isFalse();
        }
        try (MountedFileSystem mount = FuseMount.mount(new MemoryFileSystem(), options.withMaxWorkers(2))) {
            assertThat(mount.isOverIoUring()).isFalse();
        }
    }

    @Test
    void followsASymbolicLinkToTheMountpoint() throws Exception {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), mountpoint);
        try (MountedFileSystem mount = FuseMount.mount(new MemoryFileSystem(), MountOptions.of(link))) {
            assertThat(mount.mountpoint()).isEqualTo(mountpoint);
            refused(link, "already the mountpoint");
        }
    }

    @ParameterizedTest
    @EnumSource(Binding.class)
    void aReadOnlyMountRefusesChanges(Binding binding) throws Exception {
        MountOptions options = MountOptions.of(mountpoint).withBinding(binding).withReadOnly(true);
        try (MountedFileSystem mount = FuseMount.mount(new MemoryFileSystem(), options)) {
            assertThat(mount.isMounted()).isTrue();
            assertThatThrownBy(() -> Files.createFile(mountpoint.resolve("file")))
                    .hasMessageContaining("Read-only file system");
        }
    }

    @ParameterizedTest
    @EnumSource(value = Binding.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void aLazyUnmountLetsOpenFilesFinish(Binding binding) throws Exception {
        MemoryFileSystem fileSystem = new MemoryFileSystem();
        MountedFileSystem mount =
                FuseMount.mount(fileSystem, MountOptions.of(mountpoint).withBinding(binding));
        try (BufferedReader reader = reader(mountpoint.resolve("file"))) {
            mount.unmount(true);
            assertThat(MountTable.read().at(mountpoint)).isEmpty();
            assertThat(mount.isMounted()).isTrue();
            assertThat(reader.readLine()).isEqualTo("content");
        }
        mount.awaitUnmount();
        assertThat(mount.isMounted()).isFalse();
        assertThat(fileSystem.openHandles()).isZero();
        mount.unmount(false);
    }

    private static BufferedReader reader(Path file) throws IOException {
        Files.writeString(file, "content\n");
        return Files.newBufferedReader(file);
    }

    @ParameterizedTest
    @EnumSource(value = Binding.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void mountsAgainAndAgain(Binding binding) throws Exception {
        MemoryFileSystem fileSystem = new MemoryFileSystem();
        for (int i = 0; i < 20; i++) {
            try (MountedFileSystem mount =
                    FuseMount.mount(fileSystem, MountOptions.of(mountpoint).withBinding(binding))) {
                int round = i;
                MountContract.runInParallel(
                        4, thread -> Files.writeString(mountpoint.resolve(round + "-" + thread), "content"));
                mount.unmount(false);
                assertThat(mount.awaitUnmount(Duration.ofSeconds(20))).isTrue();
            }
            assertThat(fileSystem.openHandles()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Binding.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void anUnmountByOthersIsNoticed(Binding binding) throws Exception {
        MountedFileSystem mount = FuseMount.mount(
                new MemoryFileSystem(), MountOptions.of(mountpoint).withBinding(binding));
        assertThat(new ProcessBuilder("umount", mountpoint.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        assertThat(mount.awaitUnmount(Duration.ofSeconds(20))).isTrue();
        mount.close();
    }

    @ParameterizedTest
    @EnumSource(value = Binding.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void aMountWhoseConnectionIsAbortedIsTakenAway(Binding binding) throws Exception {
        MountedFileSystem mount = FuseMount.mount(
                new MemoryFileSystem(), MountOptions.of(mountpoint).withBinding(binding));
        // a forced unmount aborts the connection first; the open file then keeps the dead mount in place
        Path file = Files.createFile(mountpoint.resolve("file"));
        Process holder =
                new ProcessBuilder("sleep", "60").redirectInput(file.toFile()).start();
        try {
            new ProcessBuilder("umount", "-f", mountpoint.toString())
                    .redirectError(Redirect.DISCARD)
                    .start()
                    .waitFor();
            assertThat(mount.awaitUnmount(Duration.ofSeconds(20))).isTrue();
            assertThat(MountTable.read().at(mountpoint)).isEmpty();
        } finally {
            holder.destroyForcibly();
        }
    }

    @ParameterizedTest
    @EnumSource(value = Binding.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void replacesTheMountOfAKilledProcess(Binding binding) throws Exception {
        Process killed = mountInAnotherProcess(binding);
        try {
            assertThat(FuseMount.isStale(mountpoint)).isFalse();
            refused(mountpoint, "already the mountpoint of qsfs");
        } finally {
            killed.destroyForcibly();
        }
        assertThat(killed.waitFor(20, TimeUnit.SECONDS)).isTrue();
        eventually("the mount is dead", () -> stale(mountpoint));
        try (MountedFileSystem mount = FuseMount.mount(
                new MemoryFileSystem(), MountOptions.of(mountpoint).withBinding(binding))) {
            assertThat(mount.isMounted()).isTrue();
            Files.writeString(mountpoint.resolve("file"), "alive");
            assertThat(FuseMount.isStale(mountpoint)).isFalse();
        }
        assertThat(FuseMount.removeStale(mountpoint)).isFalse();
        assertThat(MountTable.read().at(mountpoint)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = Binding.class, names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void anOrdinaryUserMountsAndUnmounts(Binding binding) throws Exception {
        Assumptions.assumeTrue(Linux.isRoot(), "only root can become another user");
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/setpriv")) && Files.isExecutable(Path.of("/usr/bin/unshare")),
                "setpriv and unshare of util-linux are missing");
        // in a mount namespace of its own /dev/fuse is open to all; the capability lets the user read this build's
        // classes
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "bash",
                "-c",
                "set -e; mount --make-rprivate /; mknod -m 666 \"$0\" c 10 229; mount --bind \"$0\" /dev/fuse; exec setpriv --reuid 65534 --regid 65534"
                        + " --clear-groups --inh-caps +dac_read_search --ambient-caps +dac_read_search \"$@\"",
                temporary.resolve("fuse").toString()));
        command.addAll(mountCommand(binding));
        command.add("once");
        chown(temporary, mountpoint);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(output).contains("mounted by " + binding, "nobody wrote content", "unmounted");
        assertThat(process.exitValue()).isZero();
    }

    private static void chown(Path... paths) throws IOException {
        for (Path path : paths) {
            Files.setAttribute(path, "unix:uid", 65534);
        }
    }

    private static boolean stale(Path mountpoint) {
        try {
            return FuseMount.isStale(mountpoint);
        } catch (MountException e) {
            throw new AssertionError(e);
        }
    }

    private Process mountInAnotherProcess(Binding binding) throws IOException {
        Process process = new ProcessBuilder(mountCommand(binding))
                .redirectError(Redirect.DISCARD)
                .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        while (line != null && !line.startsWith("mounted by")) {
            line = output.readLine();
        }
        assertThat(line).isEqualTo("mounted by " + binding);
        return process;
    }

    private List<String> mountCommand(Binding binding) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                MountMain.class.getName(),
                mountpoint.toString(),
                binding.name());
    }
}
