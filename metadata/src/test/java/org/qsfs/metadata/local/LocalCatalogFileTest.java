package org.qsfs.metadata.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;

/** What happens to the file: torn, rotten, compacted, removed. */
@Timeout(60)
class LocalCatalogFileTest {

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("catalog.log");
    }

    private LocalCatalog open() {
        return LocalCatalog.open(directory);
    }

    private static void put(Catalog catalog, String key, String value) {
        assertThat(catalog.commit(CatalogTransaction.begin()
                        .put(key, value.getBytes(UTF_8))
                        .build()))
                .isPresent();
    }

    /** Commits a=1, b=2 and c=3 and returns the file's length after each, beginning with none. */
    private List<Integer> threeCommits() throws IOException {
        List<Integer> lengths = new ArrayList<>();
        try (Catalog catalog = open()) {
            lengths.add((int) Files.size(file()));
            for (String key : List.of("a", "b", "c")) {
                put(catalog, key, key.repeat(20));
                lengths.add((int) Files.size(file()));
            }
        }
        return lengths;
    }

    @Test
    @DisplayName("an interrupted thread reads, and the catalog stays open for the others")
    void interruptedReader() throws Exception {
        try (Catalog catalog = open()) {
            put(catalog, "a", "1");
            Thread reader = Thread.ofPlatform().start(() -> {
                Thread.currentThread().interrupt();
                assertThat(catalog.get("a")).isPresent();
            });
            assertThat(reader.join(Duration.ofSeconds(20))).isTrue();
            assertThat(catalog.get("a")).isPresent();
            put(catalog, "b", "2");
        }
    }

    @Test
    @DisplayName("interrupts at any moment of a commit leave a catalog that can be written")
    void interruptedWriter() throws Exception {
        try (Catalog catalog = LocalCatalog.open(directory, Duration.ofSeconds(10), 2000)) {
            AtomicBoolean stop = new AtomicBoolean();
            Thread writer = Thread.ofPlatform().start(() -> {
                while (!stop.get()) {
                    try {
                        put(catalog, "a", "1".repeat(100));
                    } catch (CatalogException.Unavailable e) {
                        Thread.interrupted(); // it was interrupted while it waited for its turn
                    }
                }
            });
            for (int i = 0; i < 300; i++) {
                long revision = catalog.get("a").map(CatalogEntry::revision).orElse(0L);
                writer.interrupt();
                put(catalog, "b", "2");
                assertThat(catalog.get("b").orElseThrow().revision()).isGreaterThan(revision);
            }
            stop.set(true);
            assertThat(writer.join(Duration.ofSeconds(20))).isTrue();
            put(catalog, "c", "3");
        }
        try (Catalog catalog = open()) {
            assertThat(catalog.list("")).extracting(CatalogEntry::key).contains("b", "c");
        }
    }

    @Test
    @DisplayName("cut off anywhere, the file opens with every commit that is whole, and goes on from there")
    void tornAnywhere() throws IOException {
        List<Integer> lengths = threeCommits();
        byte[] whole = Files.readAllBytes(file());
        for (int cut = lengths.getFirst(); cut <= whole.length; cut++) {
            Files.write(file(), Arrays.copyOf(whole, cut));
            int length = cut;
            int commits =
                    (int) lengths.stream().skip(1).filter(l -> l <= length).count();
            try (Catalog catalog = open()) {
                assertThat(catalog.list("")).as("cut at %d", cut).hasSize(commits);
                put(catalog, "d", "new");
            }
            try (Catalog catalog = open()) {
                assertThat(catalog.list("")).as("cut at %d, reopened", cut).hasSize(commits + 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 11, 12, 13, 70, 5000})
    @DisplayName("blocks that were allocated and never written are cut off")
    void zerosAtTheEnd(int zeros) throws IOException {
        threeCommits();
        byte[] whole = Files.readAllBytes(file());
        Files.write(file(), Arrays.copyOf(whole, whole.length + zeros));
        try (Catalog catalog = open()) {
            assertThat(catalog.list("")).hasSize(3);
            assertThat(Files.size(file())).isEqualTo(whole.length);
        }
    }

    @Test
    @DisplayName("any flipped byte before the last commit is reported with file and offset")
    void rottenAnywhere() throws IOException {
        List<Integer> lengths = threeCommits();
        byte[] whole = Files.readAllBytes(file());
        for (int i = 0; i < lengths.get(2); i++) {
            byte[] rotten = whole.clone();
            rotten[i] ^= 0x10;
            Files.write(file(), rotten);
            assertThatThrownBy(this::open)
                    .as("byte %d", i)
                    .isInstanceOf(CatalogException.Corrupt.class)
                    .hasMessageContaining(file().toString())
                    .hasMessageContaining("offset");
            assertThat(Files.readAllBytes(file())).as("untouched").isEqualTo(rotten);
        }
    }

    @Test
    @DisplayName("a record lost from the middle with its length is noticed")
    void zeroedMiddle() throws IOException {
        List<Integer> lengths = threeCommits();
        byte[] bytes = Files.readAllBytes(file());
        Arrays.fill(bytes, lengths.get(0), lengths.get(1), (byte) 0);
        Files.write(file(), bytes);
        assertThatThrownBy(this::open)
                .isInstanceOf(CatalogException.Corrupt.class)
                .hasMessageContaining("offset " + lengths.get(0))
                .hasMessageContaining("offset " + lengths.get(1));
    }

    @Test
    void rottenWhileOpen() throws IOException {
        try (Catalog catalog = open()) {
            put(catalog, "a", "precious");
            byte[] bytes = Files.readAllBytes(file());
            bytes[bytes.length - 1] ^= 1;
            Files.write(file(), bytes);
            assertThatThrownBy(() -> catalog.get("a"))
                    .isInstanceOf(CatalogException.Corrupt.class)
                    .hasMessageContaining("the value of a");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "something else entirely, longer than a header"})
    void noCatalog(String content) throws IOException {
        Files.writeString(file(), content);
        assertThatThrownBy(this::open)
                .isInstanceOf(CatalogException.Corrupt.class)
                .hasMessageContaining(file().toString());
    }

    @Test
    @DisplayName("overwriting does not make the file grow for ever, and compaction changes nothing else")
    void compaction() throws IOException {
        Random random = new Random(7);
        byte[] value = new byte[500];
        try (LocalCatalog catalog = LocalCatalog.open(directory, Duration.ofSeconds(5), 20_000);
                LocalCatalog other = LocalCatalog.open(directory, Duration.ofSeconds(5), 20_000)) {
            long last = 0;
            for (int i = 0; i < 600; i++) {
                random.nextBytes(value);
                LocalCatalog writer = i % 7 == 0 ? other : catalog;
                long revision = writer.commit(CatalogTransaction.begin()
                                .put("k/" + random.nextInt(10), value)
                                .delete("k/" + (10 + random.nextInt(3)))
                                .build())
                        .orElseThrow();
                assertThat(revision).isGreaterThan(last);
                last = revision;
            }
            assertThat(Files.size(file())).isLessThan(22_000);
            List<CatalogEntry> seen = catalog.list("");
            assertThat(seen).hasSize(10);
            assertThat(other.list(""))
                    .extracting(CatalogEntry::revision)
                    .containsExactlyElementsOf(
                            seen.stream().map(CatalogEntry::revision).toList());
            try (LocalCatalog fresh = open()) {
                assertThat(fresh.list(""))
                        .extracting(CatalogEntry::value)
                        .containsExactlyElementsOf(
                                seen.stream().map(CatalogEntry::value).toList());
                long next = fresh.commit(
                                CatalogTransaction.begin().put("new", value).build())
                        .orElseThrow();
                assertThat(next).as("revisions go on").isEqualTo(last + 1);
            }
        }
    }

    @Test
    @DisplayName("what a crash left of a compaction does no harm")
    void interruptedCompaction() throws IOException {
        threeCommits();
        Files.writeString(directory.resolve("catalog.log.new"), "half written");
        try (LocalCatalog catalog = LocalCatalog.open(directory, Duration.ofSeconds(5), 100)) {
            for (int i = 0; i < 20; i++) {
                put(catalog, "a", "again " + i);
            }
            assertThat(catalog.list("")).hasSize(3);
        }
    }

    @Test
    @DisplayName("a compaction that fails is no failure of the commit that caused it")
    void impossibleCompaction() throws IOException {
        try (LocalCatalog catalog = LocalCatalog.open(directory, Duration.ofSeconds(5), 100)) {
            Path inTheWay = Files.createDirectory(directory.resolve("catalog.log.new"));
            for (int i = 0; i < 20; i++) {
                put(catalog, "a", "again " + i);
            }
            assertThat(Files.size(file())).isGreaterThan(500);
            Files.delete(inTheWay);
            for (int i = 0; i < 300; i++) {
                put(catalog, "a", "again " + i);
            }
            assertThat(Files.size(file())).as("tried again, later").isLessThan(5000);
        }
    }

    @Test
    void removedWhileOpen() throws IOException {
        try (Catalog catalog = open()) {
            put(catalog, "a", "1");
            Files.delete(file());
            assertThatThrownBy(() -> catalog.get("a"))
                    .isInstanceOf(CatalogException.Failed.class)
                    .hasMessageContaining("removed");
            assertThatThrownBy(() -> put(catalog, "a", "2")).isInstanceOf(CatalogException.Failed.class);
        }
    }

    @Test
    void noDirectory() throws IOException {
        Path occupied = Files.writeString(directory.resolve("file"), "not a directory");
        assertThatThrownBy(() -> LocalCatalog.open(occupied))
                .isInstanceOf(CatalogException.class)
                .hasMessageContaining(occupied.toString());
    }

    @Test
    @DisplayName("another process that hangs with the lock costs the deadline, not more")
    void lockedByAnother() throws IOException {
        try (LocalCatalog catalog = LocalCatalog.open(directory, Duration.ofMillis(300));
                ExclusiveFile stuck = ExclusiveFile.open(directory.resolve("catalog.lock"))) {
            assertThat(stuck.tryLock()).isTrue();
            long start = System.nanoTime();
            assertThatThrownBy(() -> put(catalog, "a", "1"))
                    .isInstanceOf(CatalogException.Unavailable.class)
                    .hasMessageContaining("locked");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(290), Duration.ofSeconds(3));
            stuck.unlock();
            put(catalog, "a", "1");
        }
    }

    @Test
    void closed() {
        LocalCatalog catalog = open();
        catalog.close();
        catalog.close();
        assertThatThrownBy(() -> catalog.get("a"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }
}
