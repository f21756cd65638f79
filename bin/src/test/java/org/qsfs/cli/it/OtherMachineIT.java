package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.etcd.EtcdCluster;

/** Two machines, that is two QSFS_HOMEs, with the same backends and the same etcd. */
@DisplayName("A volume that moves from one machine to another")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@Tag("long")
class OtherMachineIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private Installation first;
    private Installation second;
    private EtcdCluster etcd;
    private Path mountpoint;
    private Path elsewhere;
    private Path config;
    private Path configElsewhere;

    @BeforeEach
    void publishOneFile() throws Exception {
        first = new Installation(Files.createDirectories(directory.resolve("first")));
        second = new Installation(Files.createDirectories(directory.resolve("second")));
        etcd = EtcdCluster.start(Files.createDirectories(directory.resolve("etcd")), 1);
        Backends backends = new Backends(first, directory.resolve("backends"), 4);
        mountpoint = first.mountpoint("mnt");
        elsewhere = second.mountpoint("mnt");
        config = Files.writeString(directory.resolve("first.toml"), backends.config(etcd.endpoints()));
        first.qsfs("init", "--config", config).succeeded();
        configElsewhere = Files.copy(config, directory.resolve("second.toml"));
        Path key = Files.createDirectories(second.home().resolve("keys")).resolve("e2e.key");
        Files.copy(first.home().resolve("keys/e2e.key"), key);
        on(first, "mount", mountpoint, "-d").succeeded();
        Files.writeString(mountpoint.resolve("published"), "by the first");
        on(first, "flush").succeeded();
    }

    @AfterEach
    void stop() throws IOException {
        try (EtcdCluster stopped = etcd;
                Installation ended = second;
                Installation alsoEnded = first) {
            assertThat(List.of(stopped, ended, alsoEnded)).doesNotContainNull();
        }
    }

    @Test
    @DisplayName(
            "only by --takeover while the first is alive, which then is read-only and can only go on with --discard-local")
    void takeover() throws Exception {
        assertThat(on(second, "restore").failed(1).err()).contains("--takeover");
        assertThat(on(second, "mount", elsewhere, "-d").failed(1).err()).isNotEmpty();
        assertThat(on(second, "restore", "--takeover").succeeded().out()).contains("restored volume \"e2e\"");
        on(second, "mount", elsewhere, "-d").succeeded();
        assertThat(elsewhere.resolve("published")).hasContent("by the first");
        Files.writeString(elsewhere.resolve("later"), "by the second");
        on(second, "flush").succeeded();

        Installation.await("the first machine is read-only", SOON, () -> !canWrite(mountpoint.resolve("too-late")));
        assertThat(mountpoint.resolve("published")).hasContent("by the first");
        assertThat(on(first, "status", "--json")
                        .failed(3)
                        .json()
                        .path("warnings")
                        .toString())
                .contains("taken the volume over");
        on(first, "umount", mountpoint, "--no-wait");
        assertThat(on(first, "mount", mountpoint, "-d").failed(1).err()).contains("--discard-local");
        assertThat(on(first, "mount", mountpoint, "-d", "--discard-local")
                        .failed(1)
                        .err())
                .contains("--takeover");
        assertThat(first.home().resolve("volumes/e2e/state"))
                .as("what could not be replaced stays")
                .exists();

        assertThat(on(first, "mount", mountpoint, "-d", "--discard-local", "--takeover")
                        .succeeded()
                        .out())
                .contains("mounted e2e");
        assertThat(mountpoint.resolve("published")).hasContent("by the first");
        assertThat(mountpoint.resolve("later")).hasContent("by the second");
        assertThat(mountpoint.resolve("too-late")).doesNotExist();
        Installation.await("the second machine is read-only", SOON, () -> !canWrite(elsewhere.resolve("x")));
        assertThat(discarded(first)).hasSize(1);
        assertThat(discarded(first).getFirst().resolve("state")).exists();
        on(first, "check", "--content").succeeded();
    }

    @Test
    @DisplayName("is read-only after lease_grace without etcd, and what was fsynced is uploaded by the next mount")
    void leaseGrace() throws Exception {
        on(first, "umount", mountpoint).succeeded();
        Files.writeString(config, "lease_grace = \"3s\"\n" + Files.readString(config));
        on(first, "mount", mountpoint, "-d").succeeded();
        etcd.suspend(0);
        Path file = mountpoint.resolve("without-etcd");
        Files.writeString(file, "written while etcd was away");
        Installation.await("the volume is read-only", SOON.multipliedBy(2), () -> !canWrite(mountpoint.resolve("x")));
        assertThat(file).hasContent("written while etcd was away");
        etcd.resume(0);
        on(first, "umount", mountpoint, "--no-wait");
        on(first, "mount", mountpoint, "-d").succeeded();
        assertThat(file).hasContent("written while etcd was away");
        on(first, "flush").succeeded();
    }

    @Test
    @DisplayName(
            "after a restore that was killed anywhere: the next mount refuses or is complete, the next restore completes")
    void killedRestore() throws Exception {
        on(first, "umount", mountpoint).succeeded();
        Path volume = second.home().resolve("volumes/e2e");
        for (String until : List.of("lock", "daemon.log", "holder", "zdb", "state")) {
            Process restore = second.start(
                    directory.resolve("restore.out"), "restore", "--takeover", "--config", configElsewhere);
            Installation.await(
                    until + " appears or the restore ends",
                    SOON,
                    () -> Files.exists(volume.resolve(until)) || !restore.isAlive());
            Installation.kill(restore.toHandle());
            if (Files.exists(volume.resolve("state"))) {
                break;
            }
            assertThat(on(second, "mount", elsewhere, "-d").failed(1).err())
                    .as("killed when %s was there", until)
                    .contains("qsfs restore");
        }
        if (!Files.exists(volume.resolve("state"))) {
            on(second, "restore", "--takeover").succeeded();
        }
        on(second, "mount", elsewhere, "-d").succeeded();
        assertThat(elsewhere.resolve("published")).hasContent("by the first");
        on(second, "check", "--content").succeeded();
        Files.writeString(elsewhere.resolve("new"), "goes on");
        on(second, "flush").succeeded();
    }

    private Installation.Result on(Installation machine, Object... command) throws IOException, InterruptedException {
        List<Object> arguments = new java.util.ArrayList<>(List.of(command));
        arguments.add("--config");
        arguments.add(machine == first ? config : configElsewhere);
        return machine.qsfs(arguments.toArray());
    }

    private static boolean canWrite(Path file) {
        try {
            Files.writeString(file, "x");
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    private static List<Path> discarded(Installation machine) throws IOException {
        try (Stream<Path> files = Files.list(machine.home().resolve("volumes/e2e"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("discarded-"))
                    .toList();
        }
    }
}
