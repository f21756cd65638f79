package org.qsfs.zdb.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.qsfs.zdb.conformance.RestartableServer;
import org.qsfs.zdb.engine.Database;
import org.qsfs.zdb.engine.DatabaseConfig;
import org.qsfs.zdb.engine.DatabaseListener;
import org.qsfs.zdb.engine.Namespace;
import org.qsfs.zdb.engine.ScanPage;
import org.qsfs.zdb.engine.WriteOutcome;
import org.qsfs.zdb.format.IndexFormat.Mode;

final class ZdbToolTest {
    @TempDir
    Path dir;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private int run(String... args) {
        out.reset();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        return ZdbTool.run(List.of(args), print, print);
    }

    private Database open() throws IOException {
        return Database.open(DatabaseConfig.of(dir.resolve("data"), dir.resolve("index")), DatabaseListener.NONE);
    }

    private static List<String> content(Namespace namespace) throws IOException {
        List<String> content = new ArrayList<>();
        for (ScanPage page = namespace.scan(null, false); page != null; page = namespace.scan(page.last(), false)) {
            for (ScanPage.Entry e : page.entries()) {
                content.add(new String(e.key(), StandardCharsets.ISO_8859_1) + "="
                        + new String(namespace.get(e.key()), StandardCharsets.ISO_8859_1) + "@" + e.timestamp());
            }
        }
        return content;
    }

    private List<String> fill(Mode mode) throws IOException {
        try (Database database = open()) {
            Namespace namespace = database.defaultNamespace();
            namespace.mode(mode);
            List<byte[]> keys = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                byte[] key = i % 4 == 3
                        ? keys.get(i / 5)
                        : mode == Mode.USER ? ("key" + i).getBytes(StandardCharsets.US_ASCII) : new byte[0];
                WriteOutcome outcome =
                        namespace.set(key, i, ByteBuffer.wrap(("value " + i).getBytes(StandardCharsets.US_ASCII)));
                keys.add(((WriteOutcome.Done) outcome).key());
                if (i % 13 == 12) {
                    namespace.delete(keys.get(i), i);
                    namespace.jump();
                }
            }
            return content(namespace);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user_single",
                "user_multi",
                "user_empty_files",
                "seq_single",
                "seq_multi",
                "namespaces",
                "datasize"
            })
    void directoriesOfZdbAreInOrder(String set) throws IOException {
        RestartableServer.copy(Path.of("src/test/resources/zdb/ondisk", set), dir.resolve("copy"));
        assertThat(run("check", dir.resolve("copy").toString()))
                .as(out.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(run("dump", dir.resolve("copy").toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("default i0").doesNotContain("WRONG");
    }

    @Test
    void damageIsFound() throws IOException {
        fill(Mode.USER);
        assertThat(run("check", dir.toString()))
                .as(out.toString(StandardCharsets.UTF_8))
                .isZero();
        Path file = dir.resolve("data/default/d1");
        byte[] bytes = Files.readAllBytes(file);
        bytes[28 + 18 + 8] ^= 1;
        Files.write(file, bytes);
        assertThat(run("check", dir.toString())).isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("the value of the entry at 28 has a wrong checksum");
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void aLostIndexIsWrittenAgain(Mode mode) throws IOException {
        List<String> before = fill(mode);
        try (Stream<Path> files = Files.list(dir.resolve("index/default"))) {
            for (Path file : files.filter(p -> p.getFileName().toString().startsWith("i"))
                    .toList()) {
                Files.delete(file);
            }
        }
        assertThat(run("rebuild-index", dir.toString(), "--mode", mode == Mode.USER ? "user" : "seq"))
                .as(out.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(run("check", dir.toString()))
                .as(out.toString(StandardCharsets.UTF_8))
                .isZero();
        try (Database database = open()) {
            assertThat(content(database.defaultNamespace())).isEqualTo(before);
        }
    }

    @Test
    void compactedFilesKeepTheirContentAlsoWhenTheirIndexIsLost() throws IOException {
        List<String> before = fill(Mode.USER);
        assertThat(run("compact", dir.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).matches("(?s).*[1-9][0-9]* bytes freed.*");
        assertThat(run("check", dir.toString()))
                .as(out.toString(StandardCharsets.UTF_8))
                .isZero();
        try (Database database = open()) {
            assertThat(content(database.defaultNamespace())).isEqualTo(before);
        }
        Files.delete(dir.resolve("index/default/i1"));
        assertThat(run("rebuild-index", dir.toString())).isZero();
        try (Database database = open()) {
            assertThat(content(database.defaultNamespace())).isEqualTo(before);
        }
    }

    @Test
    void wrongCommandLinesAreAnsweredWithWhatWasExpected() {
        assertThat(usage("check")).contains("expected DIR, or --data and --index");
        assertThat(usage("check", "a", "b")).contains("found a second directory b");
        assertThat(usage("check", "a", "--bogus")).contains("unknown flag --bogus");
        assertThat(usage("check", "a", "--namespace")).contains("--namespace needs a value");
        assertThat(usage("rebuild-index", "a", "--mode", "wrong")).contains("--mode wrong, expected user or seq");
    }

    private static String usage(String... args) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = ZdbTool.run(List.of(args), new PrintStream(new ByteArrayOutputStream()), new PrintStream(err));
        assertThat(status).isEqualTo(2);
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void helpIsNoError() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String word : List.of("check", "dump", "compact", "rebuild-index")) {
            assertThat(ZdbTool.run(List.of(word, "--help"), new PrintStream(out), System.err))
                    .isZero();
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("rebuild-index   writes");
    }

    @Test
    void whatIsNotThereIsNamed() throws IOException {
        Files.createDirectories(dir.resolve("data/photos"));
        Files.createDirectories(dir.resolve("index/photos"));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> missing = List.of("check", dir.toString(), "--namespace", "nope");
        assertThat(ZdbTool.run(missing, System.out, new PrintStream(err))).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("has no namespace nope; it has: photos");
        Files.writeString(dir.resolve("index/photos/i0"), "garbage");
        err.reset();
        assertThat(ZdbTool.run(List.of("dump", dir.toString()), System.out, new PrintStream(err)))
                .isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains(dir.resolve("index/photos/i0") + " has 7 bytes, its header has 29");
    }

    @Test
    void compactionMakesNoNamespace() throws IOException {
        Files.createDirectories(dir.resolve("data/photos"));
        Files.createDirectories(dir.resolve("index/photos"));
        assertThat(ZdbTool.run(List.of("compact", dir.toString()), System.out, System.err))
                .isZero();
        assertThat(dir.resolve("index/default")).doesNotExist();
        assertThat(dir.resolve("data/default")).doesNotExist();
    }

    @Test
    void aDirectoryInUseIsLeftAlone() throws IOException {
        try (Database database = open()) {
            assertThat(database.names()).hasSize(1);
            assertThat(run("check", dir.toString())).isEqualTo(1);
            assertThat(out.toString(StandardCharsets.UTF_8)).contains("in use");
        }
        assertThat(run("check")).isEqualTo(2);
        assertThat(run("check", dir.resolve("nowhere").toString())).isEqualTo(1);
    }
}
