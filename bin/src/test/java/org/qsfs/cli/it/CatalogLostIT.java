package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A volume whose catalog is lost")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class CatalogLostIT {
    @TempDir
    Path directory;

    private Installation qsfs;
    private Backends backends;
    private Path mountpoint;
    private Path config;

    @BeforeEach
    void publish() throws Exception {
        qsfs = new Installation(directory.resolve("machine"));
        backends = new Backends(qsfs, directory.resolve("backends"), 4);
        mountpoint = qsfs.mountpoint("mnt");
        config = Files.writeString(directory.resolve("qsfs.toml"), configuration());
        command("init").succeeded();
        command("mount", mountpoint, "-d").succeeded();
        Random random = new Random(5);
        for (int i = 0; i < 30; i++) {
            byte[] content = new byte[i * 10_000];
            random.nextBytes(content);
            Files.write(
                    Files.createDirectories(mountpoint.resolve("dir" + i % 3)).resolve("file" + i), content);
        }
        Files.createSymbolicLink(mountpoint.resolve("link"), Path.of("dir0/file3"));
    }

    @AfterEach
    void stop() throws IOException {
        qsfs.close();
    }

    @Test
    @DisplayName("with all of QSFS_HOME comes back from the backends, their addresses and a passphrase alone")
    void everythingLost() throws Exception {
        Tree before = Tree.of(mountpoint);
        Path object = Files.writeString(directory.resolve("object"), "stored as a single file");
        command("store", object).succeeded();
        Files.delete(object);
        command("umount", mountpoint).succeeded();
        deleteTree(qsfs.home());
        // what a person still knows: where the backends are, and the passphrase
        Files.writeString(config, configuration());

        assertThat(command("restore").failed(1).err()).contains("qsfs catalog rebuild");
        deleteTree(qsfs.home());
        Files.writeString(config, configuration());
        assertThat(command("catalog", "rebuild").succeeded().out()).contains("segment records written", "head");
        assertThat(command("restore").succeeded().out()).contains("restored volume \"e2e\"");
        command("mount", mountpoint, "-d").succeeded();
        assertThat(Tree.of(mountpoint).differences(before)).isEmpty();
        command("check", "--content").succeeded();
        command("retrieve", object).succeeded();
        assertThat(object).hasContent("stored as a single file");
        Files.writeString(mountpoint.resolve("new"), "written after the rebuild");
        command("flush").succeeded();
        command("cache", "evict", "--all").succeeded();
        assertThat(Files.readString(mountpoint.resolve("new"))).isEqualTo("written after the rebuild");
    }

    @Test
    @Tag("long")
    @DisplayName("is rebuilt with a backend missing, and a machine that has its local state goes on where it was")
    void localStateStays() throws Exception {
        command("flush").succeeded();
        Files.writeString(mountpoint.resolve("unpublished"), "only local yet");
        command("umount", mountpoint, "--no-wait").succeeded();
        deleteTree(qsfs.home().resolve("backends"));
        backends.kill(3);
        assertThat(command("catalog", "rebuild").failed(3).out()).contains("not asked");
        backends.startAll();
        command("mount", mountpoint, "-d").succeeded();
        assertThat(mountpoint.resolve("unpublished")).hasContent("only local yet");
        command("flush").succeeded();
        command("check", "--content").succeeded();
        assertThat(command("gc").failed(1).err()).contains("rebuilt from less than everything", "was not asked");
        command("umount", mountpoint).succeeded();
        command("catalog", "rebuild").succeeded();
        command("mount", mountpoint, "-d").succeeded();
        command("gc").succeeded();
    }

    @Test
    @Tag("long")
    @DisplayName("is filled from an export, and what was published since is noticed and brought in by a rebuild")
    void oldExport() throws Exception {
        command("flush").succeeded();
        Path copy = directory.resolve("catalog.export");
        assertThat(command("catalog", "export", copy).succeeded().out()).contains("entries of epoch 1");
        Files.writeString(mountpoint.resolve("later"), "published after the export");
        Tree before = Tree.of(mountpoint);
        command("umount", mountpoint).succeeded();
        deleteTree(qsfs.home().resolve("backends"));
        deleteTree(qsfs.home().resolve("volumes"));

        assertThat(command("catalog", "import", copy).succeeded().out()).contains("filled catalog");
        assertThat(command("catalog", "import", copy).failed(1).err()).contains("is not empty");
        assertThat(command("restore").failed(1).err()).contains("the catalog was set back", "qsfs catalog rebuild");
        command("catalog", "rebuild").succeeded();
        command("restore").succeeded();
        command("mount", mountpoint, "-d").succeeded();
        assertThat(Tree.of(mountpoint).differences(before)).isEmpty();
    }

    private Installation.Result command(Object... words) throws IOException, InterruptedException {
        List<Object> arguments = new ArrayList<>(List.of(words));
        arguments.add("--config");
        arguments.add(config);
        return qsfs.qsfs(arguments.toArray());
    }

    private String configuration() {
        String text = backends.config(List.of("http://unused:1"));
        int meta = text.indexOf("[meta]");
        return "passphrase_file = \"" + directory.resolve("passphrase") + "\"\n" + text.substring(0, meta)
                + "[meta]\ntype = \"local\"\n" + text.substring(text.indexOf("[[groups]]"));
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
