package org.qsfs.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.cli.home.Home;
import org.qsfs.stor.backend.BackendTerms;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.zdb.client.ZdbAddress;

@DisplayName("The backends of a configuration file")
class BackendEntriesTest {
    private static final String TEXT = """
            # by hand
            minimal_shards = 1
            expected_shards = 2
            redundant_groups = 0
            redundant_nodes = 0

            [[groups]]   # the cellar
            name = "cellar"

            # old disk
            [[groups.backends]]
            id = "one"
            address = "10.0.0.1:9900"  # wired
            draining = true

            [[groups.backends]]
            address = "10.0.0.2:9900"

            # the attic
            [[groups]]
            name = "attic"
            [[groups.backends]]
            id = "three"
            address = "10.0.0.3:9900"

            [meta]
            type = "local"
            """;

    @TempDir
    Path directory;

    @Test
    @DisplayName("are added to their group, behind its last one")
    void add() throws Exception {
        Config.Backend four = new Config.Backend(
                new BackendId("four"),
                new ZdbAddress("10.0.0.4", 9900),
                "n4",
                Optional.of(new Secret("s\"3cret")),
                false,
                Optional.empty(),
                new BackendTerms(50, 1L << 40, false));
        String text = entries(TEXT).add("cellar", four).text();
        Config config = parse(text);
        assertThat(config.groups().getFirst().backends()).hasSize(3).last().isEqualTo(four);
        assertThat(config.groups().getLast().backends()).hasSize(1);
        assertThat(text)
                .contains("# the attic\n[[groups]]\nname = \"attic\"", "# old disk\n[[groups.backends]]\nid = \"one\"");
        Config other = parse(entries(TEXT).add("roof", four).text());
        assertThat(other.groups()).extracting(Config.Group::name).containsExactly("cellar", "attic", "roof");
        assertThat(other.groups().getLast().backends()).containsExactly(four);
    }

    @Test
    @DisplayName("are removed, and all other text stays")
    void remove() throws Exception {
        String text =
                entries(TEXT).remove(new BackendId("10.0.0.2-9900-default")).text();
        assertThat(text).isEqualTo(TEXT.replace("[[groups.backends]]\naddress = \"10.0.0.2:9900\"\n", ""));
        assertThat(parse(entries(TEXT).remove(new BackendId("three")).text())
                        .groups()
                        .getLast()
                        .backends())
                .isEmpty();
    }

    @Test
    @DisplayName("are changed key by key")
    void set() throws Exception {
        BackendId one = new BackendId("one");
        Config config =
                parse(entries(TEXT).set(one, "draining", Optional.empty()).text());
        assertThat(config.backends().getFirst().terms().draining()).isFalse();
        String moved = entries(TEXT)
                .set(one, "address", Optional.of(BackendEntries.quoted("10.0.0.9:1")))
                .text();
        assertThat(moved).isEqualTo(TEXT.replace("address = \"10.0.0.1:9900\"  # wired", "address = \"10.0.0.9:1\""));
        BackendId unnamed = new BackendId("10.0.0.2-9900-default");
        Config named = parse(entries(TEXT)
                .set(unnamed, "id", Optional.of(BackendEntries.quoted("two")))
                .text());
        assertThat(named.backends()).extracting(Config.Backend::id).contains(new BackendId("two"));
    }

    @Test
    @DisplayName("in another notation are left to their owner")
    void inline() throws Exception {
        String text = """
                minimal_shards = 1
                expected_shards = 1
                redundant_groups = 0
                redundant_nodes = 0
                [[groups]]
                backends = [ { address = "10.0.0.1:9900" } ]
                [meta]
                type = "local"
                """;
        assertThatThrownBy(() -> entries(text)).hasMessageContaining("qsfs config reload");
    }

    private BackendEntries entries(String text) throws Exception {
        return new BackendEntries(text, parse(text));
    }

    private Config parse(String text) throws ConfigException {
        return ConfigFile.parse(directory.resolve("qsfs.toml"), text, new Home(directory));
    }
}
