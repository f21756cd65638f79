package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

@DisplayName("A machine without a configuration")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class MountIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final List<String> BACKENDS = List.of("b1", "b2", "b3", "b4");

    @TempDir
    Path directory;

    private Installation qsfs;
    private Path mountpoint;

    @BeforeEach
    void install() throws IOException {
        qsfs = new Installation(directory);
        mountpoint = qsfs.mountpoint("mnt");
    }

    @AfterEach
    void remove() throws IOException {
        qsfs.close();
    }

    @Test
    @DisplayName("gets a volume with four backends by its first mount, and is left clean by umount")
    void firstMount() throws Exception {
        assertThat(qsfs.qsfs("mount", mountpoint, "-d").succeeded().out())
                .contains(
                        "created volume \"default\"",
                        "keep a copy",
                        "One disk is no protection",
                        "mounted default at " + mountpoint);
        assertThat(mode(qsfs.home().resolve("keys/default.key"))).isEqualTo("rw-------");
        assertThat(mode(qsfs.home().resolve("qsfs.toml"))).isEqualTo("rw-------");
        List<ProcessHandle> backends = backends();
        Files.writeString(mountpoint.resolve("hello"), "hello");
        assertThat(qsfs.qsfs("flush").succeeded().out()).contains("everything is stored");

        ObjectNode status = qsfs.qsfs("status", "--json").succeeded().json();
        assertThat(status.path("volume").asString()).isEqualTo("default");
        assertThat(status.path("mountpoint").asString()).isEqualTo(mountpoint.toString());
        assertThat(status.path("segments").propertyNames())
                .contains("open", "closed", "uploading", "stored", "degraded", "evicted");
        assertThat(status.path("segments").path("stored").asInt()).isPositive();
        assertThat(status.path("bytes").propertyNames()).contains("dirty", "not_stored", "cache");
        assertThat(status.path("backends"))
                .hasSize(4)
                .allSatisfy(backend -> assertThat(backend.propertyNames()).contains("id", "address", "group", "state"));
        assertThat(java.time.Instant.parse(status.path("last_published").asString()))
                .isNotNull();

        assertThat(qsfs.qsfs("mount", qsfs.mountpoint("second"), "-d").failed(1).err())
                .contains("volume \"default\" is in use by process", "qsfs umount " + mountpoint);
        assertThat(commandLines())
                .noneMatch(line -> password().map(line::contains).orElse(false));

        qsfs.qsfs("umount", mountpoint).succeeded();
        assertThat(mountpoint).isEmptyDirectory();
        assertThat(backends).noneMatch(ProcessHandle::isAlive);
        assertThat(qsfs.qsfs("umount", mountpoint).failed(1).err()).contains("nothing of QSFS_HOME");
    }

    @Test
    @DisplayName(
            "recovers from a killed daemon: the dead mountpoint goes, the backends are taken over, what was fsynced is there")
    void killed() throws Exception {
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
        List<ProcessHandle> before = backends();
        writeSynced(mountpoint.resolve("synced"), "still here");
        Installation.kill(qsfs.daemon("default").orElseThrow());
        assertThat(before).allMatch(ProcessHandle::isAlive);

        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
        assertThat(mountpoint.resolve("synced")).hasContent("still here");
        assertThat(backends()).isEqualTo(before);
        qsfs.qsfs("check").succeeded();
    }

    @Test
    @DisplayName(
            "with a writeback cache keeps what was synced or flushed when the daemon is killed; the rest is still in the kernel")
    void killedWithWritebackCache() throws Exception {
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
        qsfs.qsfs("umount", mountpoint).succeeded();
        Path config = qsfs.home().resolve("qsfs.toml");
        Files.writeString(config, "writeback_cache = true\n" + Files.readString(config));
        qsfs.qsfs("mount", mountpoint, "-d", "--fuse", "kernel").succeeded();
        writeSynced(mountpoint.resolve("synced"), "still here");
        FileChannel open =
                FileChannel.open(mountpoint.resolve("open"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        open.write(ByteBuffer.wrap("flushed".getBytes(StandardCharsets.UTF_8)));
        qsfs.qsfs("flush").succeeded();
        open.write(ByteBuffer.wrap(" and not".getBytes(StandardCharsets.UTF_8)));
        Installation.kill(qsfs.daemon("default").orElseThrow());
        assertThatThrownBy(open::close).isInstanceOf(IOException.class);

        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
        assertThat(mountpoint.resolve("synced")).hasContent("still here");
        assertThat(mountpoint.resolve("open")).hasContent("flushed");
        qsfs.qsfs("check").succeeded();
    }

    @Test
    @DisplayName("stops cleanly on SIGTERM and starts a backend again that died")
    void terminated() throws Exception {
        Process daemon = qsfs.start(directory.resolve("out"), "mount", mountpoint);
        Installation.await("the mount answers", SOON, () -> qsfs.qsfs("status").exit() == 0);
        ProcessHandle backend = qsfs.backend("default", "b2").orElseThrow();
        Installation.kill(backend);
        Installation.await(
                "backend b2 runs again",
                SOON,
                () -> qsfs.backend("default", "b2")
                        .filter(ProcessHandle::isAlive)
                        .filter(again -> again.pid() != backend.pid())
                        .isPresent());
        Files.writeString(mountpoint.resolve("file"), "written");
        List<ProcessHandle> backends = backends();

        daemon.destroy();
        assertThat(daemon.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(mountpoint).isEmptyDirectory();
        assertThat(backends).noneMatch(ProcessHandle::isAlive);
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
        assertThat(mountpoint.resolve("file")).hasContent("written");
    }

    @Test
    @DisplayName("starts a supervised daemon that crashed again on the same mountpoint, and passes a signal on")
    void supervised() throws Exception {
        Process supervisor = qsfs.start(directory.resolve("out"), "mount", mountpoint, "--supervise");
        Installation.await("the mount answers", SOON, () -> qsfs.qsfs("status").exit() == 0);
        writeSynced(mountpoint.resolve("synced"), "still here");
        ProcessHandle killed = qsfs.daemon("default").orElseThrow();
        Installation.kill(killed);
        Installation.await(
                "another daemon has mounted",
                SOON,
                () -> qsfs.daemon("default")
                                .filter(again -> again.pid() != killed.pid())
                                .isPresent()
                        && qsfs.qsfs("status").exit() == 0);
        assertThat(mountpoint.resolve("synced")).hasContent("still here");
        assertThat(directory.resolve("out")).content().contains("ended with exit code 137");

        ProcessHandle daemon = qsfs.daemon("default").orElseThrow();
        supervisor.destroy();
        assertThat(supervisor.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.isAlive()).isFalse();
        assertThat(mountpoint).isEmptyDirectory();
    }

    @Test
    @DisplayName("that lost its volumes/ says how to restore them, and restores them")
    void restored() throws Exception {
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
        Files.writeString(mountpoint.resolve("file"), "published");
        qsfs.qsfs("umount", mountpoint).succeeded();
        Files.move(qsfs.home().resolve("volumes"), directory.resolve("lost"));

        assertThat(qsfs.qsfs("mount", mountpoint, "-d").failed(1).err()).contains("qsfs restore");
        assertThat(qsfs.qsfs("restore").succeeded().out()).contains("restored volume \"default\"");
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
        assertThat(mountpoint.resolve("file")).hasContent("published");
        assertThat(qsfs.qsfs("restore").failed(1).err()).contains("mounted here");
    }

    @Test
    @DisplayName(
            "refuses a wrong or missing key, a damaged configuration, another volume and a bad mountpoint, each by its name")
    void refusals() throws Exception {
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
        qsfs.qsfs("umount", mountpoint).succeeded();
        Path key = qsfs.home().resolve("keys/default.key");
        String right = Files.readString(key);

        Files.writeString(key, "qsfs-key-file 1\n" + "ab".repeat(32) + "\n");
        assertThat(qsfs.qsfs("mount", mountpoint, "-d").failed(1).err()).contains("cannot be unlocked with " + key);
        Files.delete(key);
        assertThat(qsfs.qsfs("mount", mountpoint, "-d").failed(1).err())
                .contains("the key file " + key + " of volume \"default\" does not exist");
        Files.writeString(key, right);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(qsfs.qsfs("mount", mountpoint, "-d").failed(1).err()).contains("chmod 600");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));

        Path config = qsfs.home().resolve("qsfs.toml");
        String text = Files.readString(config);
        Files.writeString(
                config,
                text.replaceFirst(
                        "volume_id = \".", "volume_id = \"" + (text.contains("volume_id = \"0") ? "1" : "0")));
        assertThat(qsfs.qsfs("mount", mountpoint, "-d").failed(1).err()).contains("volume");
        Files.writeString(config, text.replace("minimal_shards = 2", "minimal_shards = \"two\""));
        assertThat(qsfs.qsfs("mount", mountpoint, "-d").failed(2).err())
                .contains("qsfs.toml:", "minimal_shards: found \"two\", expected a whole number");
        Files.writeString(config, text);

        Path file = Files.writeString(directory.resolve("file"), "");
        assertThat(qsfs.qsfs("mount", file, "-d").failed(1).err()).contains("is not a directory");
        assertThat(backendsAlive()).isFalse();
        qsfs.qsfs("mount", mountpoint, "-d").succeeded();
    }

    private List<ProcessHandle> backends() throws IOException {
        List<ProcessHandle> found = new java.util.ArrayList<>();
        for (String id : BACKENDS) {
            found.add(qsfs.backend("default", id).orElseThrow());
        }
        return found;
    }

    private boolean backendsAlive() throws IOException {
        for (String id : BACKENDS) {
            if (qsfs.backend("default", id).filter(ProcessHandle::isAlive).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private java.util.Optional<String> password() {
        try (Stream<String> lines = Files.lines(qsfs.home().resolve("qsfs.toml"))) {
            return lines.filter(line -> line.startsWith("password = "))
                    .map(line -> line.substring("password = \"".length(), line.length() - 1))
                    .findFirst();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> commandLines() {
        return ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .toList();
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private static void writeSynced(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
    }
}
