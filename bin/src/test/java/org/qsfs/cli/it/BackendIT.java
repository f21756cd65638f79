package org.qsfs.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.etcd.TestCertificate;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.NamespaceSettings;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;
import tools.jackson.databind.JsonNode;

@Tag("long")
@DisplayName("The backends of a mounted volume")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class BackendIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private Installation qsfs;
    private Path mountpoint;
    private Path config;
    private int server;
    private int nobody;

    @BeforeEach
    void start() throws IOException {
        qsfs = new Installation(directory);
        mountpoint = qsfs.mountpoint("mnt");
        config = directory.resolve("photos.toml");
        List<Integer> ports = Backends.freePorts(2);
        server = ports.getFirst();
        nobody = ports.getLast();
        Path own = Files.createDirectories(directory.resolve("zdb"));
        startServer(own, server);
    }

    private void startServer(Path own, int port, Object... more) throws IOException {
        List<Object> arguments = new ArrayList<>(List.of(
                "zdb",
                "--data",
                own.resolve("data"),
                "--index",
                own.resolve("index"),
                "--listen",
                "127.0.0.1",
                "--port",
                port,
                "--sync",
                "always"));
        arguments.addAll(List.of(more));
        Process zdb = qsfs.start(own.resolve("log"), arguments.toArray());
        Installation.await("the zdb listens", SOON, () -> Backends.listens(port));
        assertThat(zdb.isAlive()).isTrue();
    }

    @AfterEach
    void remove() throws IOException {
        qsfs.close();
    }

    @Test
    @DisplayName("are set up with one away, added, drained, removed, rotated and reloaded, and the data stays readable")
    void life() throws Exception {
        Files.writeString(config, text(server, server, server, nobody, nobody));
        assertThat(qsfs.qsfs("init", "--config", config).failed(1).err())
                .contains("nothing can be stored without them", "3 backends are usable", "backend b3", "backend b4");

        Files.writeString(config, text(server, server, server, server, nobody));
        assertThat(qsfs.qsfs("init", "--config", config).succeeded().out())
                .contains("not reached, will be set up when it comes: backend b4");
        qsfs.qsfs("mount", mountpoint, "-d", "--config", config).succeeded();
        byte[] content = new byte[3 << 20];
        new Random(7).nextBytes(content);
        Files.write(mountpoint.resolve("photo"), content);
        qsfs.qsfs("flush").succeeded();
        assertThat(state("b4")).isEqualTo("down");

        assertThat(qsfs.qsfs("backend", "remove", "b0").failed(1).err())
                .contains("backend b0 is not removed", "segments", "qsfs backend drain b0");
        assertThat(qsfs.qsfs("backend", "drain", "b0").failed(3).out())
                .as("the only other place is down")
                .contains("b0 still has shards of");
        qsfs.qsfs(
                        "backend",
                        "add",
                        "b5",
                        "--address",
                        "127.0.0.1:" + server,
                        "--namespace",
                        "n5",
                        "--group",
                        "second",
                        "--capacity",
                        "1GiB")
                .succeeded();
        assertThat(Files.readString(config)).contains("# who reads this", "name = \"second\"", "id = \"b5\"");
        assertThat(qsfs.qsfs("backend", "drain", "b0").succeeded().out()).contains("b0 is empty");
        qsfs.qsfs("backend", "remove", "b0").succeeded();
        assertThat(Files.readString(config)).contains("# who reads this").doesNotContain("\"b0\"");
        assertThat(qsfs.qsfs("backend", "rotate", "b1").succeeded().out())
                .contains("in namespace n1-r1 now", "namespace n1 was deleted");

        reloads();
        assertThat(qsfs.qsfs("scrub").succeeded().out()).contains("0 shards damaged");
        qsfs.qsfs("cache", "evict", "--all").succeeded();
        assertThat(Files.readAllBytes(mountpoint.resolve("photo"))).isEqualTo(content);
        qsfs.qsfs("umount", mountpoint).succeeded();
        qsfs.qsfs("mount", mountpoint, "-d", "--config", config).succeeded();
        assertThat(Files.readAllBytes(mountpoint.resolve("photo"))).isEqualTo(content);
        qsfs.qsfs("umount", mountpoint).succeeded();
    }

    @Test
    @DisplayName(
            "are replaced by empty namespaces, made by the command or sequential ones, and the old ones are not needed")
    void replace() throws Exception {
        Files.writeString(config, text(server, server, server, server));
        qsfs.qsfs("init", "--config", config).succeeded();
        qsfs.qsfs("mount", mountpoint, "-d", "--config", config).succeeded();
        byte[] content = new byte[3 << 20];
        new Random(8).nextBytes(content);
        Files.write(mountpoint.resolve("photo"), content);
        qsfs.qsfs("flush").succeeded();
        assertThat(qsfs.qsfs("backend", "replace", "b9", "--address", "127.0.0.1:" + server)
                        .failed(2)
                        .err())
                .contains("there is no backend b9");
        try (ZdbClient sequential = namespace("sequential")) {
            sequential.createNamespace(NamespaceSettings.open(NamespaceMode.SEQUENTIAL));
        }
        for (String[] replaced : new String[][] {{"b1", "sequential"}, {"b2", "fresh"}}) {
            assertThat(qsfs.qsfs(
                                    "backend",
                                    "replace",
                                    replaced[0],
                                    "--address",
                                    "127.0.0.1:" + server,
                                    "--namespace",
                                    replaced[1])
                            .succeeded()
                            .out())
                    .contains("backend " + replaced[0] + " is replaced and filled");
            assertThat(Files.readString(config)).contains("# who reads this", "namespace = \"" + replaced[1] + "\"");
        }
        assertThat(qsfs.qsfs("scrub").succeeded().out()).contains("0 shards damaged");
        qsfs.qsfs("cache", "evict", "--all").succeeded();
        // what is left are the two that replaced others
        for (String gone : List.of("n0", "n1", "n2", "n3")) {
            try (ZdbClient old = namespace(gone)) {
                assertThat(old.deleteNamespace()).isTrue();
            }
        }
        assertThat(Files.readAllBytes(mountpoint.resolve("photo"))).isEqualTo(content);
        qsfs.qsfs("umount", "--no-wait", mountpoint).succeeded();
    }

    @Test
    @DisplayName("are added and replaced over TLS, and refused with the wrong authority or without TLS")
    void tls() throws Exception {
        TestCertificate right = TestCertificate.create(directory, "right", "127.0.0.1");
        TestCertificate wrong = TestCertificate.create(directory, "wrong", "127.0.0.1");
        String address = "127.0.0.1:" + nobody;
        startServer(
                Files.createDirectories(directory.resolve("safe")),
                nobody,
                "--tls-cert",
                right.certificate(),
                "--tls-key",
                right.key());
        Files.writeString(config, text(server, server, server, server));
        qsfs.qsfs("init", "--config", config).succeeded();
        qsfs.qsfs("mount", mountpoint, "-d", "--config", config).succeeded();
        byte[] content = new byte[1 << 20];
        new Random(9).nextBytes(content);
        Files.write(mountpoint.resolve("photo"), content);
        qsfs.qsfs("flush").succeeded();
        String before = Files.readString(config);
        for (List<Object> refused : List.<List<Object>>of(List.of(), List.of("--ca-file", wrong.certificate()))) {
            assertThat(backend("add", "b5", address, "added", refused, "--group", "first")
                            .failed(1)
                            .err())
                    .contains(address);
            assertThat(Files.readString(config)).isEqualTo(before);
        }
        List<Object> trusting = List.of("--tls", "--ca-file", right.certificate());
        backend("add", "b5", address, "added", trusting, "--group", "first").succeeded();
        backend("replace", "b1", address, "replacing", trusting).succeeded();
        assertThat(Files.readString(config)).contains("tls = true", "ca_file = \"" + right.certificate() + "\"");
        assertThat(state("b5")).isEqualTo("healthy");
        assertThat(qsfs.qsfs("scrub").succeeded().out()).contains("0 shards damaged");
        qsfs.qsfs("umount", mountpoint).succeeded();
        qsfs.qsfs("mount", mountpoint, "-d", "--config", config).succeeded();
        assertThat(state("b1")).isEqualTo("healthy");
        assertThat(Files.readAllBytes(mountpoint.resolve("photo"))).isEqualTo(content);
        qsfs.qsfs("umount", "--no-wait", mountpoint).succeeded();
    }

    private Installation.Result backend(
            String command, String id, String address, String namespace, List<Object> tls, Object... more)
            throws Exception {
        List<Object> arguments =
                new ArrayList<>(List.of("backend", command, id, "--address", address, "--namespace", namespace));
        arguments.addAll(tls);
        arguments.addAll(List.of(more));
        return qsfs.qsfs(arguments.toArray());
    }

    private ZdbClient namespace(String name) {
        return new ZdbClient(new ZdbEndpoint(new ZdbAddress("127.0.0.1", server), name));
    }

    private void reloads() throws Exception {
        String good = Files.readString(config);
        Files.writeString(config, good.replace("minimal_shards = 2", "minimal_shards = 5"));
        assertThat(qsfs.qsfs("config", "reload").failed(2).err())
                .contains("nothing was changed", "minimal_shards: found 5, expected at most expected_shards (4)");
        Files.writeString(config, good.replace("redundant_nodes = 0", "redundant_nodes = 4"));
        assertThat(qsfs.qsfs("config", "reload").failed(2).err()).contains("nothing was changed", "no choice of 4");
        Files.writeString(
                config,
                good.replace(
                        "volume = \"photos\"", "volume = \"photos\"\nrepair_after = \"1h\"\ncache_size = \"1GiB\""));
        assertThat(qsfs.qsfs("config", "reload").succeeded().out())
                .contains("in use now: repair_after", "at the next mount: cache_size");
        Files.writeString(config, good.replace("id = \"b2\"", "id = \"b2\"\nweight = 50"));
        qsfs.run(
                        SOON,
                        List.of(
                                "kill",
                                "-HUP",
                                Long.toString(
                                        qsfs.daemon("photos").orElseThrow().pid())))
                .succeeded();
        Installation.await(
                "the weight of b2 is in use",
                SOON,
                () -> backend("b2").path("weight").asInt() == 50);
        Files.writeString(config, good);
    }

    private String state(String id) throws Exception {
        return backend(id).path("state").asString();
    }

    private JsonNode backend(String id) throws Exception {
        for (JsonNode backend : qsfs.qsfs("backend", "list", "--json").json().path("backends")) {
            if (backend.path("id").asString().equals(id)) {
                return backend;
            }
        }
        throw new AssertionError("no backend " + id);
    }

    private String text(int... ports) {
        StringBuilder text = new StringBuilder("""
                # who reads this will find it again
                volume = "photos"
                minimal_shards = 2
                expected_shards = 4
                redundant_groups = 0
                redundant_nodes = 0

                [meta]
                type = "local"

                [[groups]]
                name = "first"
                """);
        for (int i = 0; i < ports.length; i++) {
            text.append("""

                    [[groups.backends]]
                    id = "b%d"
                    address = "127.0.0.1:%d"
                    namespace = "n%d"
                    """.formatted(i, ports[i], i));
        }
        return text.toString();
    }
}
