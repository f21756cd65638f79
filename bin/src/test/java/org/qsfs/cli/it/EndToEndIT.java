package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.etcd.EtcdCluster;

/** One volume through its whole life, as an operator sees it: the launcher, a real mount, backends in processes of their own and a real etcd of three. Each test goes on where the one before stopped. */
@DisplayName("A volume on four backends, two of which may be lost, and three etcd members")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 12, unit = TimeUnit.MINUTES)
class EndToEndIT {
    private static final long LEAST_BYTES = 500_000_000;
    private static final long LEAST_FILES = 2_000;
    private static final int FILES_BEFORE_KILL = 120;
    private static final int MOST_FILES_COPIED = 2_000;
    private static final Duration LONGEST = Duration.ofMinutes(5);

    @TempDir
    static Path directory;

    private Installation qsfs;
    private Backends backends;
    private EtcdCluster etcd;
    private Path mountpoint;
    private Path source;
    private Path config;
    private Tree expected;

    @BeforeAll
    void setUp() throws Exception {
        qsfs = new Installation(directory);
        mountpoint = qsfs.mountpoint("mnt");
        source = realTree();
        etcd = EtcdCluster.start(Files.createDirectories(directory.resolve("etcd")), 3);
        backends = new Backends(qsfs, directory.resolve("backends"), 4);
        config = directory.resolve("qsfs.toml");
        Files.writeString(config, backends.config(etcd.endpoints()));
        qsfs.qsfs("init", "--config", config).succeeded();
    }

    @AfterAll
    void tearDown() throws Exception {
        try (Installation ended = qsfs;
                EtcdCluster stopped = etcd) {
            assertThat(ended).isNotNull();
            assertThat(stopped).isNotNull();
        }
    }

    @Test
    @Order(1)
    @DisplayName("takes a real tree, and gives it back from any two backends after everything local was evicted")
    void evictedAndDegraded() throws Exception {
        mount("jnr");
        copy("first");
        expected = Tree.of(mountpoint.resolve("first"));
        assertThat(expected.differences(Tree.of(source))).isEmpty();
        assertThat(expected.files()).isGreaterThanOrEqualTo(LEAST_FILES);
        assertThat(expected.bytes()).isGreaterThanOrEqualTo(LEAST_BYTES);

        command("flush").succeeded();
        command("cache", "evict", "--all").succeeded();
        backends.kill(0);
        backends.kill(2);
        dropKernelCaches();
        assertThat(Tree.of(mountpoint.resolve("first")).differences(expected)).isEmpty();
        assertThat(command("status", "--json").json().get("last_published").asString())
                .isNotEmpty();
        backends.startAll();
    }

    @Test
    @Order(2)
    @DisplayName("loses one etcd member and goes on")
    void etcdMember() throws Exception {
        etcd.kill(0);
        Files.writeString(mountpoint.resolve("without-a-member"), "still here");
        command("flush").succeeded();
        etcd.restart(0);
    }

    @Test
    @Order(3)
    @DisplayName("keeps everything that was fsynced when the daemon is killed in the middle of a copy")
    void killed() throws Exception {
        Map<String, String> synced = copyUntilKilled("second");
        assertThat(synced).isNotEmpty();
        mount("jnr");
        expectSynced("second", synced);
        command("check").succeeded();
        assertThat(Tree.of(mountpoint.resolve("first")).differences(expected)).isEmpty();
    }

    @Test
    @Order(4)
    @DisplayName("rebuilds a deleted index directory")
    void indexDeleted() throws Exception {
        Map<String, String> synced = copyUntilKilled("third");
        deleteTree(volume().resolve("index"));
        mount();
        expectSynced("third", synced);
        command("check").succeeded();
        assertThat(Tree.of(mountpoint.resolve("first")).differences(expected)).isEmpty();
    }

    @Test
    @Order(5)
    @DisplayName(
            "mounts with what is left when the last 100 KB of journal and data were cut off, and loses nothing that was published")
    void tailsCutOff() throws Exception {
        command("flush").succeeded();
        copyUntilKilled("fourth");
        for (String namespace : List.of("e2e-data", "e2e-meta")) {
            cutNewestSegment(volume().resolve("zdb/data").resolve(namespace));
        }
        mount();
        command("check").succeeded();
        assertThat(Tree.of(mountpoint.resolve("first")).differences(expected)).isEmpty();
    }

    @Test
    @Order(6)
    @DisplayName("comes back on a machine that has nothing but the config and the key")
    void restored() throws Exception {
        command("flush").succeeded();
        Tree all = Tree.of(mountpoint);
        command("umount", mountpoint).succeeded();
        deleteTree(qsfs.home().resolve("volumes"));

        command("restore").succeeded();
        mount();
        assertThat(Tree.of(mountpoint).differences(all)).isEmpty();
        command("check").succeeded();
        Files.writeString(mountpoint.resolve("after-restore"), "and it can be written again");
        command("umount", mountpoint).succeeded();
    }

    private void mount() throws IOException, InterruptedException {
        mount("kernel");
    }

    private void mount(String binding) throws IOException, InterruptedException {
        command("mount", mountpoint, "-d", "--fuse", binding).succeeded();
    }

    /** A command for the volume of this test. */
    private Installation.Result command(Object... words) throws IOException, InterruptedException {
        List<Object> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--config", config));
        return qsfs.qsfs(all.toArray());
    }

    private Path volume() {
        return qsfs.home().resolve("volumes/e2e");
    }

    private void copy(String name) throws IOException, InterruptedException {
        qsfs.run(
                        LONGEST,
                        List.of(
                                "cp",
                                "-a",
                                source.toString(),
                                mountpoint.resolve(name).toString()))
                .succeeded();
    }

    /** Copies files with fsync until the daemon is killed under it; returns path and hash of every file whose fsync returned before. */
    private Map<String, String> copyUntilKilled(String name) throws Exception {
        Path target = mountpoint.resolve(name);
        List<Path> files;
        try (Stream<Path> all = Files.walk(source)) {
            files = all.filter(Files::isRegularFile).limit(MOST_FILES_COPIED).toList();
        }
        Map<String, String> synced = new LinkedHashMap<>();
        ProcessHandle daemon = qsfs.daemon("e2e").orElseThrow();
        Thread killer = new Thread(() -> {
            Installation.await("files were copied", LONGEST, () -> {
                synchronized (synced) {
                    return synced.size() >= FILES_BEFORE_KILL;
                }
            });
            Installation.kill(daemon);
        });
        killer.start();
        try {
            for (Path file : files) {
                Path to = target.resolve(source.relativize(file).toString());
                Files.createDirectories(to.getParent());
                try (FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
                    while (bytes.hasRemaining()) {
                        out.write(bytes);
                    }
                    out.force(true);
                }
                synchronized (synced) {
                    synced.put(target.relativize(to).toString(), Tree.sha256(file));
                }
            }
        } catch (IOException e) {
            // the daemon is gone, as it should be
            assertThat(synced).as("%s", e).hasSizeGreaterThanOrEqualTo(FILES_BEFORE_KILL);
        }
        assertThat(killer.join(Duration.ofSeconds(60))).isTrue();
        return synced;
    }

    private void expectSynced(String name, Map<String, String> synced) {
        Map<String, String> found = new LinkedHashMap<>();
        synced.keySet()
                .forEach(path ->
                        found.put(path, Tree.sha256(mountpoint.resolve(name).resolve(path))));
        assertThat(found).isEqualTo(synced);
    }

    private static void cutNewestSegment(Path namespace) throws IOException {
        Path newest;
        try (Stream<Path> files = Files.list(namespace)) {
            newest = files.filter(file -> file.getFileName().toString().matches("d\\d+"))
                    .max(java.util.Comparator.comparingInt(file ->
                            Integer.parseInt(file.getFileName().toString().substring(1))))
                    .orElseThrow();
        }
        try (FileChannel channel = FileChannel.open(newest, StandardOpenOption.WRITE)) {
            channel.truncate(Math.max(0, channel.size() - 100_000));
        }
    }

    /** The JDK's own installation and its sources: thousands of real files, half a gigabyte. */
    private Path realTree() throws IOException, InterruptedException {
        Path tree = Files.createDirectories(directory.resolve("source"));
        Path jdk = Path.of(System.getProperty("java.home"));
        qsfs.run(
                        LONGEST,
                        List.of("cp", "-a", jdk.toString(), tree.resolve("jdk").toString()))
                .succeeded();
        Path sources = jdk.resolve("lib/src.zip");
        if (Files.exists(sources)) {
            unzip(sources, tree.resolve("src"), 6_000);
        }
        for (int copy = 0; Tree.of(tree).bytes() < LEAST_BYTES; copy++) {
            Files.copy(jdk.resolve("lib/modules"), tree.resolve("modules-" + copy));
        }
        return tree;
    }

    private static void unzip(Path archive, Path target, int most) throws IOException {
        try (InputStream file = Files.newInputStream(archive);
                ZipInputStream zip = new ZipInputStream(file)) {
            int count = 0;
            for (ZipEntry entry = zip.getNextEntry(); entry != null && count < most; entry = zip.getNextEntry()) {
                if (!entry.isDirectory()) {
                    Path to = target.resolve(entry.getName());
                    Files.createDirectories(to.getParent());
                    Files.copy(zip, to);
                    count++;
                }
            }
        }
    }

    private static void deleteTree(Path root) throws IOException {
        List<Path> all;
        try (Stream<Path> paths = Files.walk(root)) {
            all = new ArrayList<>(paths.toList());
        }
        for (Path path : all.reversed()) {
            Files.delete(path);
        }
    }

    /** So that reads reach the daemon. Only root may; others compare what the kernel remembers, too. */
    private static void dropKernelCaches() throws IOException {
        Path drop = Path.of("/proc/sys/vm/drop_caches");
        if (Files.isWritable(drop)) {
            Files.writeString(drop, "3");
        }
    }
}
