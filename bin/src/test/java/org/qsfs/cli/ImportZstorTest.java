package org.qsfs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.command.Console;
import org.qsfs.cli.home.Home;
import org.qsfs.stor.testing.ZstorWriter;
import org.qsfs.stor.zstor.ZstorPath;
import org.qsfs.zdb.ZdbServer;
import org.qsfs.zdb.ZdbServerConfig;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.NamespaceSettings;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.engine.DatabaseConfig;

@DisplayName("qsfs import zstor")
class ImportZstorTest {
    private static final Path ZDB = Path.of("/data/zdb/zdbfs-data");

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<ZdbClient> data = new ArrayList<>();
    private final List<ZdbClient> metadata = new ArrayList<>();
    private ZdbServer server;
    private Path config;

    @BeforeEach
    void start() throws Exception {
        server = ZdbServer.start(ZdbServerConfig.of(
                DatabaseConfig.of(directory.resolve("data"), directory.resolve("index")),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null));
        for (int i = 0; i < 4; i++) {
            data.add(namespace("data" + i, NamespaceMode.SEQUENTIAL));
            metadata.add(namespace("meta" + i, NamespaceMode.USER));
        }
        byte[] key = new byte[32];
        config = Files.writeString(
                directory.resolve("zstor.toml"),
                """
                minimal_shards = 2
                expected_shards = 4
                redundant_groups = 0
                redundant_nodes = 0
                root = ""
                socket = "/tmp/zstor.sock"
                prometheus_port = 9200

                [encryption]
                algorithm = "AES"
                key = "%s"

                [compression]
                algorithm = "snappy"

                [meta]
                type = "zdb"

                [meta.config]
                prefix = "zstor-meta"

                [meta.config.encryption]
                algorithm = "AES"
                key = "%s"

                """.formatted(HexFormat.of().formatHex(key), HexFormat.of().formatHex(key))
                        + metadata.stream()
                                .map(client -> """
                                [[meta.config.backends]]
                                address = "%s"
                                namespace = "%s"
                                """.formatted(
                                                client.endpoint().address(),
                                                client.endpoint().namespace()))
                                .collect(Collectors.joining("\n")));
        ZstorWriter writer = new ZstorWriter(key, key, "zstor-meta", data, metadata);
        for (String name : List.of("zdb-namespace", "d0", "d1", "d900")) {
            writer.store(hash(ZDB.resolve(name)), content(name), 2, 2);
        }
        writer.store(hash(Path.of("/somewhere/else")), content("else"), 2, 2);
    }

    @AfterEach
    void stop() throws IOException {
        data.forEach(ZdbClient::close);
        metadata.forEach(ZdbClient::close);
        server.close();
    }

    private ZdbClient namespace(String name, NamespaceMode mode) throws IOException {
        ZdbClient client = new ZdbClient(new ZdbEndpoint(new ZdbAddress("127.0.0.1", server.port()), name));
        client.createNamespace(NamespaceSettings.open(mode));
        return client;
    }

    private static byte[] content(String name) {
        return name.repeat(1000).getBytes(StandardCharsets.UTF_8);
    }

    private static String hash(Path path) throws IOException {
        return ZstorPath.hash(path, Optional.empty());
    }

    private int run(String... arguments) {
        Console console = new Console(new PrintWriter(out, true), new PrintWriter(err, true), false);
        List<String> all = new ArrayList<>(List.of("import", "zstor", "--config", config.toString()));
        all.addAll(List.of(arguments));
        return Main.run(console, new Home(directory.resolve("home")), all.toArray(String[]::new));
    }

    @Test
    @DisplayName("brings back what is named, the rest of a zdb directory, and what nobody can name")
    void restores() throws IOException {
        Path to = directory.resolve("restored");
        assertThat(run("--to", to.toString(), "/somewhere/else")).isEqualTo(CommandFailure.DONE);
        assertThat(to.resolve("somewhere/else")).hasBinaryContent(content("else"));

        assertThat(run("--to", to.toString(), "--under", ZDB.toString())).isEqualTo(CommandFailure.DONE);
        assertThat(out.toString()).contains("restored 4 of 4 files");
        assertThat(to.resolve("data/zdb/zdbfs-data/d900")).hasBinaryContent(content("d900"));

        Path everything = directory.resolve("everything");
        assertThat(run("--to", everything.toString(), "--all")).isEqualTo(CommandFailure.DONE);
        assertThat(everything).isDirectoryContaining("glob:**/" + hash(Path.of("/somewhere/else")));
    }

    @Test
    @DisplayName("lists what there is")
    void list() throws IOException {
        assertThat(run("--list")).isEqualTo(CommandFailure.DONE);
        assertThat(out.toString().lines())
                .hasSize(5)
                .allMatch(line -> line.matches("[0-9a-f]{32}  [0-9a-f]{32}  2\\+2"));
        assertThat(out.toString()).contains(hash(ZDB.resolve("d1")));
    }

    @Test
    @DisplayName("says what it did not find, and what is wrong with a configuration")
    void complains() throws IOException {
        assertThat(run("--to", directory.resolve("x").toString(), "/not/there")).isEqualTo(CommandFailure.FAILED);
        assertThat(err.toString()).contains("/not/there: zstor has no object " + hash(Path.of("/not/there")));
        assertThat(run()).isEqualTo(CommandFailure.USAGE);
        assertThat(run("--all")).isEqualTo(CommandFailure.USAGE);
        Files.writeString(config, Files.readString(config).replace("prefix = ", "prefux = "));
        assertThat(run("--list")).isEqualTo(CommandFailure.USAGE);
        assertThat(err.toString()).contains("zstor.toml").contains("prefix: missing");
    }
}
