package org.qsfs.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.qsfs.cli.home.Home;
import org.qsfs.fuse.Binding;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbTls;

@DisplayName("The configuration file")
class ConfigFileTest {
    private static final Home HOME = new Home(Path.of("/home/qsfs"));
    private static final Path FILE = Path.of("/etc/qsfs.toml");
    private static final String SHARDS = """
            minimal_shards = 2
            expected_shards = 4
            redundant_groups = 0
            redundant_nodes = 1
            """;
    private static final String LOCAL = """
            [meta]
            type = "local"
            """;

    private static String backends(int count) {
        return "[[groups]]\n"
                + IntStream.rangeClosed(1, count)
                        .mapToObj(i -> "[[groups.backends]]\naddress = \"10.0.0." + i + ":9900\"\n")
                        .collect(Collectors.joining());
    }

    private static Config parse(String text) throws ConfigException {
        return ConfigFile.parse(FILE, text, HOME);
    }

    private static List<String> problems(String text) {
        ConfigException failure = catchThrowableOfType(ConfigException.class, () -> parse(text));
        assertThat(failure).as("the file is refused").isNotNull();
        return failure.problems().stream().map(Problem::toString).toList();
    }

    @Nested
    @DisplayName("that is right")
    class Right {
        @Test
        @DisplayName("and minimal gets every default")
        void minimal() throws ConfigException {
            Config config = parse(SHARDS + LOCAL + backends(4));
            assertThat(config.volume()).isEqualTo("default");
            assertThat(config.identity()).isEmpty();
            assertThat(config.key()).isEqualTo(new Config.Key.File(Path.of("/home/qsfs/keys/default.key")));
            assertThat(config.catalog())
                    .isEqualTo(new Config.Catalog.Local(Path.of("/home/qsfs/backends/default/catalog")));
            assertThat(config.limits().segmentSize()).isEqualTo(64 << 20);
            assertThat(config.limits().stripeSize()).isEqualTo(4 << 20);
            assertThat(config.timing().pushInterval()).isEqualTo(Duration.ofMinutes(15));
            assertThat(config.timing().commitInterval()).isEqualTo(Duration.ofSeconds(1));
            assertThat(config.mount().binding()).isEqualTo(Binding.AUTO);
            assertThat(config.backends()).hasSize(4);
            assertThat(config.backends().getFirst())
                    .isEqualTo(new Config.Backend(
                            new BackendId("10.0.0.1-9900-default"),
                            new ZdbAddress("10.0.0.1", 9900),
                            "default",
                            Optional.empty(),
                            false,
                            Optional.empty(),
                            org.qsfs.stor.backend.BackendTerms.USUAL));
        }

        @Test
        @DisplayName("and zstor's own is accepted as it is")
        void zstor() throws ConfigException {
            Config config = parse("""
                    minimal_shards = 2
                    expected_shards = 4
                    redundant_groups = 1
                    redundant_nodes = 1
                    root = "/mnt/virtual"
                    socket = "/tmp/zstor.sock"
                    pid_file = "/var/run/zstor.pid"
                    prometheus_port = 9200
                    zdb_data_dir_path = "/tmp/0-db/data/zdbfs-data"
                    max_zdb_data_dir_size = 25600
                    zdbfs_mountpoint = "/mnt/qsfs"

                    [encryption]
                    algorithm = "AES"
                    key = "0000000000000000000000000000000000000000000000000000000000000001"

                    [compression]
                    algorithm = "snappy"

                    [meta]
                    type = "zdb"

                    [meta.config]
                    prefix = "someprefix"

                    [meta.config.encryption]
                    algorithm = "AES"
                    key = "0101010101010101010101010101010101010101010101010101010101010101"

                    [[meta.config.backends]]
                    address = "[2a02:1802:5e::223]:9900"
                    namespace = "meta1"
                    password = "supersecretpass"
                    [[meta.config.backends]]
                    address = "127.0.0.1:9901"
                    [[meta.config.backends]]
                    address = "127.0.0.1:9902"
                    [[meta.config.backends]]
                    address = "zdb.example:9903"

                    [[groups]]
                    [[groups.backends]]
                    address = "[fe80::1]:9900"
                    [[groups.backends]]
                    address = "[fe80::1]:9900"
                    namespace = "test2"
                    password = "supersecretpass"
                    [[groups]]
                    [[groups.backends]]
                    address = "127.0.0.1:9904"
                    [[groups.backends]]
                    address = "127.0.0.1:9905"
                    """);
            assertThat(config.limits().cacheSize()).isEqualTo(25_600L << 20);
            assertThat(config.prometheusPort()).contains(9200);
            assertThat(config.key()).isInstanceOf(Config.Key.Inline.class);
            assertThat(config.groups()).extracting(Config.Group::name).containsExactly("group-1", "group-2");
            assertThat(config.backends().getFirst().address()).isEqualTo(new ZdbAddress("fe80::1", 9900));
            assertThat(config.catalog())
                    .isInstanceOfSatisfying(
                            Config.Catalog.Zdb.class,
                            zdb -> assertThat(zdb.backends())
                                    .extracting(backend -> backend.id().value())
                                    .containsExactly("meta-1", "meta-2", "meta-3", "meta-4"));
        }

        @Test
        @DisplayName("may take its catalog from etcd")
        void etcd() throws ConfigException {
            Config config = parse(SHARDS + """
                    [meta]
                    type = "etcd"
                    [meta.config]
                    endpoints = ["https://e1:2379", "https://e2:2379"]
                    username = "root"
                    password = "geheim"
                    ca_file = "tls/ca.pem"
                    quota_backend_bytes = "8GiB"
                    """ + backends(4));
            assertThat(parse(ConfigText.revealing(config))).isEqualTo(config);
            assertThat(config.catalog()).isInstanceOfSatisfying(Config.Catalog.Etcd.class, etcd -> {
                assertThat(etcd.quota()).contains(8L << 30);
                assertThat(etcd.endpoints()).containsExactly("https://e1:2379", "https://e2:2379");
                assertThat(etcd.prefix()).isEqualTo("qsfs");
                assertThat(etcd.caFile()).contains(Path.of("/etc/tls/ca.pem"));
            });
        }

        @Test
        @DisplayName("is written back to an equal one")
        void roundTrip() throws ConfigException {
            Config config = parse("""
                    volume = "photos"
                    volume_id = "00112233445566778899aabbccddeeff"
                    key_commitment = "abababababababababababababababababababababababababababababababab"
                    key_file = "secret \\"quoted\\".key"
                    quota = "3TiB"
                    settle = "0ms"
                    fuse = "jnr"
                    writeback_cache = true
                    fuse_io_uring = false
                    """ + SHARDS + LOCAL + backends(4));
            assertThat(config.mount().writebackCache()).isTrue();
            assertThat(config.mount().ioUring()).isFalse();
            assertThat(parse(ConfigText.revealing(config))).isEqualTo(config);
        }

        @Test
        @DisplayName("tells which backends are talked to with TLS")
        void tls() throws ConfigException {
            Config config = parse(SHARDS
                    + LOCAL
                    + backends(4)
                            .replace("\"10.0.0.1:9900\"\n", "\"10.0.0.1:9900\"\ntls = true\n")
                            .replace(
                                    "\"10.0.0.2:9900\"\n",
                                    "\"10.0.0.2:9900\"\ntls = true\nca_file = \"tls/ca.pem\"\n"));
            assertThat(config.backends())
                    .extracting(Config.Backend::tls)
                    .containsExactly(
                            Optional.of(new ZdbTls(null)),
                            Optional.of(new ZdbTls(Path.of("/etc/tls/ca.pem"))),
                            Optional.empty(),
                            Optional.empty());
            assertThat(parse(ConfigText.revealing(config))).isEqualTo(config);
            assertThat(problems(SHARDS
                            + LOCAL
                            + backends(4)
                                    .replace("\"10.0.0.1:9900\"\n", "\"10.0.0.1:9900\"\nca_file = \"ca.pem\"\n")
                                    .replace(
                                            "\"10.0.0.2:9900\"\n", "\"10.0.0.2:9900\"\ntls = true\nembedded = true\n")))
                    .containsExactly(
                            "/etc/qsfs.toml:10: groups[0].backends[0].ca_file: found without tls = true, expected both or neither",
                            "/etc/qsfs.toml:13: groups[0].backends[1].tls: found with embedded = true; an embedded backend listens on loopback without TLS");
        }

        @Test
        @DisplayName("may name a file with a passphrase, and then no other secret")
        void passphrase() throws ConfigException {
            Config config = parse("passphrase_file = \"secret/words\"\n" + SHARDS + LOCAL + backends(4));
            assertThat(config.key()).isEqualTo(new Config.Key.Passphrase(Path.of("/etc/secret/words")));
            assertThat(parse(ConfigText.revealing(config))).isEqualTo(config);
            assertThat(problems("passphrase_file = \"p\"\nkey_file = \"k\"\n" + SHARDS + LOCAL + backends(4)))
                    .containsExactly(
                            "/etc/qsfs.toml:1: passphrase_file: contradicts key_file or encryption.key; keep one of them");
        }

        @Test
        @DisplayName("is shown without its secrets")
        void masked() throws ConfigException {
            Config config = parse(SHARDS + "[encryption]\nkey = \"" + "5a".repeat(32) + "\"\n" + LOCAL
                    + "[[groups]]\n"
                    + IntStream.range(0, 4)
                            .mapToObj(i -> "[[groups.backends]]\naddress = \"h" + i + ":1\"\npassword = \"pass" + i
                                    + "word\"\n")
                            .collect(Collectors.joining()));
            assertThat(ConfigText.masked(config))
                    .contains("password = \"********\"")
                    .doesNotContain("pass0word", "5a5a");
            assertThat(config.toString()).doesNotContain("pass0word", "5a5a");
        }
    }

    @Nested
    @DisplayName("that is wrong")
    class Wrong {
        @Test
        @DisplayName("names file, line, key, what was found and what was expected")
        void value() {
            assertThat(problems("minimal_shards = \"four\"\n" + SHARDS.replace("minimal_shards = 2\n", "") + LOCAL
                            + backends(4)))
                    .containsExactly(
                            "/etc/qsfs.toml:1: minimal_shards: found \"four\", expected a whole number from 1 to 256");
        }

        @Test
        @DisplayName("names the nearest legal key for an unknown one")
        void unknownKey() {
            assertThat(problems(SHARDS + "segmnet_size = \"64MiB\"\n" + LOCAL + backends(4)))
                    .containsExactly("/etc/qsfs.toml:5: segmnet_size: unknown key; did you mean segment_size?");
        }

        @Test
        @DisplayName("lists the legal keys when none is near")
        void farKey() {
            assertThat(problems(SHARDS + LOCAL + "[[groups]]\nxylophone = 1\n"
                            + backends(4).replace("[[groups]]\n", "")))
                    .containsExactly("/etc/qsfs.toml:8: groups[0].xylophone: unknown key; known here: backends, name");
        }

        @Test
        @DisplayName("tells all its problems at once")
        void all() {
            assertThat(problems("""
                            minimal_shards = 0
                            expected_shards = 4
                            redundant_nodes = 1
                            push_interval = 15
                            segment_size = "64 furlongs"
                            """ + LOCAL + backends(4)))
                    .containsExactlyInAnyOrder(
                            "/etc/qsfs.toml:1: minimal_shards: found 0, expected a whole number from 1 to 256",
                            "/etc/qsfs.toml: redundant_groups: missing, expected a whole number from 0 to 256",
                            "/etc/qsfs.toml:4: push_interval: found 15, expected a duration from 1s to 366d with its unit (ms, s, m, h, d) in quotes",
                            "/etc/qsfs.toml:5: segment_size: found \"64 furlongs\", expected a size from 512KiB to 4095MiB such as \"64MiB\"");
        }

        @Test
        @DisplayName("says when there are fewer backends than shards")
        void tooFewBackends() {
            assertThat(problems(SHARDS + LOCAL + backends(3)))
                    .containsExactly(
                            "/etc/qsfs.toml:2: expected_shards: found 4 with 3 backends in [[groups]], expected at least as many backends as shards");
        }

        @Test
        @DisplayName("says when the same namespace is listed twice")
        void duplicateBackend() {
            assertThat(problems(SHARDS + LOCAL + backends(4)
                            + "[[groups.backends]]\nid = \"again\"\naddress = \"10.0.0.1:9900\"\n"))
                    .singleElement()
                    .asString()
                    .contains(":18: groups[0].backends[4].address: found 10.0.0.1:9900 namespace default twice");
        }

        @Test
        @DisplayName("says which keys contradict each other")
        void contradictions() {
            assertThat(problems(
                            "cache_size = \"1GiB\"\nmax_zdb_data_dir_size = 5\nkey_file = \"k\"\nminimal_shards = 5\n"
                                    + SHARDS.replace("minimal_shards = 2\n", "")
                                    + "[encryption]\nkey = \"" + "00".repeat(32) + "\"\n" + LOCAL + backends(4)))
                    .containsExactlyInAnyOrder(
                            "/etc/qsfs.toml:2: max_zdb_data_dir_size: contradicts cache_size; keep one of the two",
                            "/etc/qsfs.toml:3: key_file: contradicts encryption.key; keep one of the two",
                            "/etc/qsfs.toml:4: minimal_shards: found 5, expected at most expected_shards (4)");
        }

        @Test
        @DisplayName("never repeats a secret")
        void secret() {
            assertThat(problems(SHARDS + "[encryption]\nkey = \"deadbeefcafe\"\n" + LOCAL + backends(4)))
                    .singleElement()
                    .asString()
                    .contains(":6: encryption.key: found something else, expected 64 hex digits")
                    .doesNotContain("deadbeef");
        }

        @ParameterizedTest
        @CsvSource({
            "10.0.0.1",
            "10.0.0.1:",
            "10.0.0.1:0",
            "10.0.0.1:70000",
            ":9900",
            "fe80::1:9900",
            "[]:1",
            "[10.0.0.1]:9900"
        })
        @DisplayName("refuses what is no address")
        void address(String address) {
            assertThat(problems(SHARDS + LOCAL + backends(4).replace("10.0.0.2:9900", address)))
                    .anySatisfy(problem -> assertThat(problem)
                            .contains("groups[0].backends[1].address: found \"" + address
                                    + "\", expected \"HOST:PORT\" or \"[IPV6]:PORT\""));
        }

        @Test
        @DisplayName("says where it is no TOML")
        void syntax() {
            assertThat(problems("minimal_shards = 2\nexpected_shards 4\n"))
                    .first()
                    .asString()
                    .startsWith("/etc/qsfs.toml:2: not TOML: ");
        }

        @Test
        @DisplayName("says when it lacks a catalog")
        void noCatalog() {
            assertThat(problems(SHARDS + backends(4)))
                    .containsExactly(
                            "/etc/qsfs.toml: meta: missing, expected a table [meta] with type = \"etcd\", \"local\" or \"zdb\"");
        }

        @Test
        @DisplayName("refuses a half pinned volume")
        void halfIdentity() {
            assertThat(problems("volume_id = \"00112233445566778899aabbccddeeff\"\n" + SHARDS + LOCAL + backends(4)))
                    .singleElement()
                    .asString()
                    .contains("expected volume_id and key_commitment together");
        }

        @Test
        @DisplayName("refuses groups that are no tables")
        void groupsAsText() {
            assertThat(problems("groups = \"ten\"\n" + SHARDS + LOCAL))
                    .contains("/etc/qsfs.toml:1: groups: found \"ten\", expected tables, [[groups]]");
        }

        @Test
        @DisplayName("and missing or not text says so")
        void files(@TempDir Path directory) throws Exception {
            assertThatThrownBy(() -> ConfigFile.read(directory.resolve("none.toml"), HOME))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("none.toml: no such file");
            Path binary = directory.resolve("binary.toml");
            Files.write(binary, "volume = \"\u00ff\"".getBytes(StandardCharsets.ISO_8859_1));
            assertThatThrownBy(() -> ConfigFile.read(binary, HOME))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("not UTF-8");
        }
    }
}
