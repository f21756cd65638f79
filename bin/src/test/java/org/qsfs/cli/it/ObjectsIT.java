package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.cli.home.Home;
import org.qsfs.cli.home.VolumeHome;
import org.qsfs.cli.home.VolumeLock;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.local.LocalCatalog;

@DisplayName("Single files")
class ObjectsIT {
    private static final int LENGTH = 3_000_000;

    @TempDir
    Path directory;

    private Path file(String name) throws Exception {
        byte[] content = new byte[LENGTH];
        new Random(name.hashCode()).nextBytes(content);
        Path file = directory.resolve("files").resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, content);
    }

    @Test
    @DisplayName(
            "are stored and brought back without a mount, beside a mounted filesystem, and after the catalog was lost")
    void life() throws Exception {
        try (Installation qsfs = new Installation(directory)) {
            Path mountpoint = qsfs.mountpoint("mnt");
            qsfs.qsfs("mount", mountpoint, "-d").succeeded();
            Files.writeString(mountpoint.resolve("hello"), "world");
            qsfs.qsfs("umount", mountpoint).succeeded();

            Path one = file("one");
            Path kept = Files.copy(one, directory.resolve("kept"), StandardCopyOption.COPY_ATTRIBUTES);
            assertThat(qsfs.qsfs("check", one).failed(1).out()).contains("not stored");
            String checksum = qsfs.run(Duration.ofSeconds(20), List.of("b2sum", "-l", "128", one.toString()))
                    .succeeded()
                    .out()
                    .substring(0, 32);
            assertThat(qsfs.qsfs("store", one).succeeded().out())
                    .startsWith("stored")
                    .contains(checksum);
            assertThat(qsfs.qsfs("store", "-f", one, "--delete").succeeded().out())
                    .startsWith("unchanged");
            assertThat(one).doesNotExist();
            VolumeHome volume = new Home(qsfs.home()).volume("default");
            try (VolumeLock anotherStore = VolumeLock.tryAcquire(volume).orElseThrow()) {
                assertThat(anotherStore).isNotNull();
                assertThat(qsfs.qsfs("check", one).failed(1).err()).contains("in use by another process");
                try (Stream<Path> files = Files.walk(qsfs.home().resolve("backends"))) {
                    assertThat(files).as("no backend runs").noneMatch(file -> file.endsWith("process"));
                }
            }

            qsfs.qsfs("mount", mountpoint, "-d").succeeded();
            assertThat(qsfs.qsfs("check", one).succeeded().out()).contains(checksum);
            qsfs.qsfs("retrieve", one).succeeded();
            assertThat(one).hasSameBinaryContentAs(kept);
            Path two = file("two");
            assertThat(qsfs.qsfs("store", directory.resolve("files"), "--key-path", "/backup")
                            .succeeded()
                            .out()
                            .lines())
                    .hasSize(2);
            assertThat(qsfs.qsfs("store", mountpoint.resolve("hello")).failed(1).err())
                    .contains("lies on the volume itself");
            assertThat(qsfs.qsfs("store", directory.resolve("none")).failed(1).err())
                    .contains("none");
            qsfs.qsfs("rebuild", "/backup/two").succeeded();
            assertThat(mountpoint.resolve("hello")).hasContent("world");
            qsfs.qsfs("umount", mountpoint).succeeded();

            qsfs.run(
                            Duration.ofSeconds(20),
                            List.of(
                                    "rm",
                                    "-r",
                                    qsfs.home()
                                            .resolve("backends/default/catalog")
                                            .toString()))
                    .succeeded();
            assertThat(qsfs.qsfs("catalog", "rebuild").succeeded().out()).contains("3 single files");
            Path back = directory.resolve("back");
            qsfs.qsfs("retrieve", "/backup/two", "--output", back).succeeded();
            assertThat(back).hasSameBinaryContentAs(two);
            assertThat(qsfs.qsfs("object", "list").succeeded().out().lines()).hasSize(3);
            qsfs.qsfs("object", "delete", "/backup/one").succeeded();
            qsfs.qsfs("object", "delete", "/backup/one").failed(1);
            qsfs.qsfs("mount", mountpoint, "-d").succeeded();
            assertThat(mountpoint.resolve("hello")).hasContent("world");
            qsfs.qsfs("umount", mountpoint).succeeded();
        }
    }

    @Test
    @DisplayName("are refused for the filesystem of another machine, which goes on in its epoch")
    void otherMachine() throws Exception {
        try (Installation qsfs = new Installation(directory)) {
            Path mountpoint = qsfs.mountpoint("mnt");
            qsfs.qsfs("mount", mountpoint, "-d").succeeded();
            Files.writeString(mountpoint.resolve("hello"), "world");
            qsfs.qsfs("umount", mountpoint).succeeded();
            Path local = qsfs.home().resolve("volumes/default");
            Path aside = directory.resolve("aside");
            Files.move(local, aside);
            String epoch = epoch(qsfs);

            assertThat(qsfs.qsfs("store", file("one")).failed(1).err()).contains("filesystem of another machine");
            assertThat(epoch(qsfs)).isEqualTo(epoch);

            Files.move(local, directory.resolve("refused"));
            Files.move(aside, local);
            qsfs.qsfs("mount", mountpoint, "-d").succeeded();
            assertThat(mountpoint.resolve("hello")).hasContent("world");
            qsfs.qsfs("umount", mountpoint).succeeded();
        }
    }

    private static String epoch(Installation qsfs) {
        try (Catalog catalog = LocalCatalog.open(qsfs.home().resolve("backends/default/catalog"))) {
            return new String(catalog.get(CatalogKeys.EPOCH).orElseThrow().value(), StandardCharsets.US_ASCII);
        }
    }
}
