package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.etcd.EtcdCluster;

/** Runs what the README tells its reader to run. Only directories, addresses and ports are replaced by those of the test. */
@DisplayName("The README")
class ReadmeIT {
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final int SITES = 3;
    private static final int BACKENDS_OF_A_SITE = 3;

    @TempDir
    Path directory;

    private Path repository;
    private String readme;

    @BeforeEach
    void read() throws IOException {
        repository = Path.of(System.getProperty("qsfs.launcher"))
                .toRealPath()
                .getParent()
                .getParent();
        readme = Files.readString(repository.resolve("README.md"));
    }

    @Test
    @DisplayName("starts a filesystem with one command, and the tests with another, which CI runs")
    void start() throws IOException, InterruptedException {
        try (Installation qsfs = new Installation(directory)) {
            Path mountpoint = qsfs.mountpoint("mnt");
            List<String> commands = blocks("Start", "sh").getFirst().lines().toList();
            assertThat(commands).hasSize(2);
            assertThat(commands.getLast()).startsWith("bin/verify ");
            assertThat(Files.readString(repository.resolve(".ci/run"))).contains("/bin/verify");

            shell(qsfs, commands.getFirst().replace("/mnt/qsfs", mountpoint.toString()));

            Files.writeString(mountpoint.resolve("hello"), "world");
            assertThat(mountpoint.resolve("hello")).hasContent("world");
            qsfs.qsfs("umount", mountpoint).succeeded();
            assertThat(mountpoint).isEmptyDirectory();
        }
    }

    @Test
    @DisplayName("has a five-minute tour that works as printed")
    void tour() throws IOException, InterruptedException {
        try (Installation qsfs = new Installation(directory)) {
            Path mountpoint = qsfs.mountpoint("mnt");
            shell(
                    qsfs,
                    blocks("Five-minute tour", "sh")
                            .getFirst()
                            .replace("/tmp/qsfs-tour", qsfs.home().toString())
                            .replace("/tmp/qsfs-mnt", mountpoint.toString()));
        }
    }

    @Test
    @DisplayName("sets up three sites and an etcd cluster, and brings the volume back on a new machine")
    void production() throws IOException, InterruptedException {
        List<String> blocks = blocks("Production", "sh");
        assertThat(blocks).hasSize(4);
        Path admin = directory.resolve("zdb-admin");
        try (EtcdCluster etcd = EtcdCluster.start(Files.createDirectories(directory.resolve("etcd")), 3);
                Installation qsfs = new Installation(directory)) {
            List<Integer> ports = Backends.freePorts(SITES * BACKENDS_OF_A_SITE);
            List<String> server = blocks.getFirst().lines().toList();
            assertThat(server).hasSize(2);
            shell(qsfs, here(server.getFirst(), ports.getFirst(), admin));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(admin)))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(admin)).hasSizeGreaterThan(30);
            for (int port : ports) {
                startServer(qsfs, here(server.getLast(), port, admin));
            }
            for (int port : ports) {
                Installation.await("a zdb listens at " + port, Duration.ofSeconds(60), () -> Backends.listens(port));
                String answers = shell(qsfs, here(blocks.get(1), port, admin)).out();
                assertThat(answers.lines().filter(line -> !line.isBlank()))
                        .hasSize(4)
                        .containsOnly("OK");
            }
            Path config = Files.writeString(directory.resolve("qsfs.toml"), config(etcd.endpoints(), ports));
            Path mountpoint = qsfs.mountpoint("mnt");
            shell(qsfs, volume(blocks.get(2), config, mountpoint));
            shell(qsfs, "cp -a docs " + mountpoint);
            qsfs.qsfs("umount", mountpoint).succeeded();

            Path key = Files.move(qsfs.home().resolve("keys/archive.key"), directory.resolve("copy-of-the-key"));
            shell(qsfs, "rm -r " + qsfs.home());
            Files.createDirectories(qsfs.home().resolve("keys"));
            Files.move(key, qsfs.home().resolve("keys/archive.key"));
            shell(qsfs, volume(blocks.get(3), config, mountpoint));
            shell(qsfs, "diff -r docs " + mountpoint.resolve("docs"));
            qsfs.qsfs("umount", mountpoint).succeeded();
        }
    }

    private void startServer(Installation qsfs, String command) throws IOException {
        assertThat(command.strip()).startsWith("bin/qsfs ").hasLineCount(1);
        Object[] arguments = command.strip().substring("bin/qsfs ".length()).split(" ");
        qsfs.start(Files.createTempFile(directory, "zdb", ".log"), arguments);
    }

    private String here(String block, int port, Path admin) {
        return block.replace("/srv/zdb", directory.resolve("zdb-" + port).toString())
                .replace("/etc/zdb-admin", admin.toString())
                .replace("10.1.0.11", "127.0.0.1")
                .replace("9900", Integer.toString(port));
    }

    private static String volume(String block, Path config, Path mountpoint) {
        return block.replace("qsfs.toml", config.toString()).replace("/mnt/archive", mountpoint.toString());
    }

    /** The README's configuration, its one group and backend repeated as it says. */
    private String config(List<String> endpoints, List<Integer> ports) {
        String example = blocks("Production", "toml").getFirst();
        String head = example.substring(0, example.indexOf("[[groups]]"));
        String backend = example.substring(example.indexOf("[[groups.backends]]"), example.indexOf("# and so on"));
        String list = endpoints.stream().map("\"%s\""::formatted).collect(Collectors.joining(", "));
        return head.replaceFirst("endpoints = .*", "endpoints = [" + list + "]")
                + IntStream.range(0, SITES)
                        .mapToObj(site -> "[[groups]]\n"
                                + ports.subList(site * BACKENDS_OF_A_SITE, (site + 1) * BACKENDS_OF_A_SITE).stream()
                                        .map(port -> backend.replace("10.1.0.11:9900", "127.0.0.1:" + port))
                                        .collect(Collectors.joining()))
                        .collect(Collectors.joining());
    }

    /** Runs commands in the repository and stops at the first that fails. */
    private Installation.Result shell(Installation qsfs, String commands) throws IOException, InterruptedException {
        return qsfs.run(LONGEST, List.of("bash", "-c", "set -ex\ncd '%s'\n%s".formatted(repository, commands)))
                .succeeded();
    }

    /** What stands between code fences of a language in a section, in order. */
    private List<String> blocks(String section, String language) {
        String text = readme.substring(readme.indexOf("\n## " + section + "\n") + 1);
        int end = text.indexOf("\n## ");
        return Pattern.compile("```" + language + "\\R(.*?)```", Pattern.DOTALL)
                .matcher(end < 0 ? text : text.substring(0, end))
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
