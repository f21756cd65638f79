package org.qsfs.zdb.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.qsfs.zdb.format.NamespaceSettings;
import org.qsfs.zdb.log.Location;
import org.qsfs.zdb.log.SegmentLog;
import org.qsfs.zdb.log.SegmentLogConfig;

final class NamespaceTest {
    @TempDir
    Path dir;

    private DatabaseConfig config() {
        return DatabaseConfig.of(dir.resolve("data"), dir.resolve("index"));
    }

    private Database open() throws IOException {
        return Database.open(config(), DatabaseListener.NONE);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void set(Namespace namespace, String key, String value) throws IOException {
        assertThat(namespace.set(ascii(key), 1, ByteBuffer.wrap(ascii(value)))).isInstanceOf(WriteOutcome.Done.class);
    }

    @Test
    void aClosedSegmentLogIsANamespaceOfTheServer() throws IOException {
        SegmentLogConfig log = SegmentLogConfig.of(dir.resolve("data"), dir.resolve("index"), "volume")
                .withSegmentSize(64 << 10);
        try (SegmentLog segments = SegmentLog.open(log)) {
            segments.startSegment(3);
            for (int i = 0; i < 20; i++) {
                segments.append(ascii("key" + i % 7), ByteBuffer.allocate(10_000 + i));
            }
        }
        try (Database database = open()) {
            Namespace namespace = database.namespace("volume");
            assertThat(namespace.entries()).isEqualTo(7);
            for (int i = 13; i < 20; i++) {
                assertThat(namespace.get(ascii("key" + i % 7))).hasSize(10_000 + i);
            }
            List<ScanPage.Entry> backward = new ArrayList<>();
            for (ScanPage p = namespace.scan(null, true); p != null; p = namespace.scan(p.last(), true)) {
                backward.addAll(p.entries());
            }
            assertThat(backward).hasSize(7);
            set(namespace, "key1", "written by the server");
        }
        try (SegmentLog segments = SegmentLog.open(log)) {
            assertThat(segments.highestSegment()).isEqualTo(6);
            List<Location> seen = new ArrayList<>();
            assertThat(segments.scan(org.qsfs.zdb.log.LogPosition.START, e -> seen.add(e.location()))
                            .complete())
                    .isTrue();
            assertThat(seen).hasSize(21);
        }
    }

    @Test
    void aValueThatRottedIsReportedAndNeverReturned() throws IOException {
        try (Database database = open()) {
            Namespace namespace = database.defaultNamespace();
            set(namespace, "key", "value");
            set(namespace, "other", "value");
            namespace.jump();
        }
        Path file = dir.resolve("data/default/d0");
        byte[] bytes = Files.readAllBytes(file);
        bytes[28 + 18 + 3] ^= 1;
        Files.write(file, bytes);
        try (Database database = open()) {
            Namespace namespace = database.defaultNamespace();
            assertThatThrownBy(() -> namespace.get(ascii("key"))).isInstanceOf(ValueUnreadableException.class);
            assertThat(namespace.get(ascii("other"))).isEqualTo(ascii("value"));
        }
    }

    @Test
    void aLostActiveDataFileIsNotReplaced() throws IOException {
        try (Database database = open()) {
            set(database.defaultNamespace(), "key", "value");
        }
        Files.delete(dir.resolve("data/default/d0"));
        try (Database database = open()) {
            Namespace namespace = database.defaultNamespace();
            set(namespace, "new", "12345");
            assertThatThrownBy(() -> namespace.get(ascii("key"))).isInstanceOf(ValueUnreadableException.class);
            assertThat(namespace.get(ascii("new"))).isEqualTo(ascii("12345"));
        }
    }

    @Test
    void aMissingIndexFileInTheMiddleIsReportedInsteadOfHidingLaterOnes() throws IOException {
        try (Database database = open()) {
            set(database.defaultNamespace(), "key", "value");
            database.defaultNamespace().jump();
            database.defaultNamespace().jump();
        }
        Files.delete(dir.resolve("index/default/i1"));
        assertThatThrownBy(this::open).hasMessageContaining("i1 is missing");
    }

    @Test
    void aFlushThatWasInterruptedIsEndedAtTheNextStart() throws IOException {
        try (Database database = open()) {
            database.create("n");
            Namespace namespace = database.namespace("n");
            namespace.mode(Mode.SEQUENTIAL);
            namespace.set(new byte[0], 1, ByteBuffer.allocate(5));
            namespace.jump();
        }
        Files.write(dir.resolve("index/n/zdb-flush"), new byte[] {1});
        Files.delete(dir.resolve("data/n/d0"));
        try (Database database = open()) {
            Namespace namespace = database.namespace("n");
            assertThat(namespace.entries()).isZero();
            assertThat(namespace.mode()).isEqualTo(Mode.SEQUENTIAL);
            assertThat(namespace.nextId()).isZero();
        }
        assertThat(dir.resolve("index/n/zdb-flush")).doesNotExist();
    }

    @Test
    void settingsThatAreIncompleteAreNotReplacedByDefaults() throws IOException {
        try (Database database = open()) {
            database.create("n");
            Namespace namespace = database.namespace("n");
            namespace.settings(new NamespaceSettings(ascii("n"), ascii("secret"), 7, false, true));
        }
        try (Database database = open()) {
            assertThat(database.namespace("n").settings().password()).isEqualTo(ascii("secret"));
        }
        Path file = dir.resolve("index/n/zdb-namespace");
        Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), 14));
        assertThatThrownBy(this::open).hasMessageContaining("zdb-namespace");
    }

    @Test
    void anIntervalMakesWritesDurableInTheBackground() throws Exception {
        DatabaseConfig interval = config().withSync(SyncMode.INTERVAL, Duration.ofMillis(20));
        try (Database database = Database.open(interval, DatabaseListener.NONE)) {
            Namespace namespace = database.defaultNamespace();
            set(namespace, "key", "1");
            set(namespace, "key", "2");
            byte[] index = new byte[0];
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            // the records are written with the sync, the flag of the replaced one after it
            while (index.length <= 29 + 13 || index[29 + 13] != 1) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                index = Files.readAllBytes(dir.resolve("index/default/i0"));
            }
        }
    }

    @Test
    void compactingFreesDeadValuesAndKeepsLiveOnesAndCursors() throws IOException {
        try (Database database = open()) {
            Namespace namespace = database.defaultNamespace();
            for (int i = 0; i < 100; i++) {
                set(namespace, "key" + i, "x".repeat(5000) + i);
            }
            namespace.jump();
            for (int i = 0; i < 100; i += 2) {
                set(namespace, "key" + i, "short");
            }
            assertThat(namespace.delete(ascii("key1"), 1)).isInstanceOf(WriteOutcome.Done.class);
            Cursor live = namespace.cursor(ascii("key51"));
            Cursor replaced = new Cursor(4, 0, 5002, 29, 0);
            long before = Files.size(dir.resolve("data/default/d0"));
            assertThat(namespace.compact()).isGreaterThan(51 * 5000);
            assertThat(Files.size(dir.resolve("data/default/d0"))).isLessThan(before - 51 * 5000);
            assertThat(namespace.compact()).isZero();
            check(namespace);
            assertThat(namespace.isValid(live)).isTrue();
            assertThat(namespace.isValid(replaced)).isTrue();
        }
        try (Database database = open()) {
            check(database.defaultNamespace());
        }
    }

    private static void check(Namespace namespace) throws IOException {
        assertThat(namespace.entries()).isEqualTo(99);
        assertThat(namespace.get(ascii("key1"))).isNull();
        for (int i = 0; i < 100; i++) {
            if (i != 1) {
                assertThat(namespace.get(ascii("key" + i)))
                        .isEqualTo(ascii(i % 2 == 0 ? "short" : "x".repeat(5000) + i));
            }
        }
        HistoryOutcome newest = namespace.history(ascii("key2"), null);
        HistoryOutcome.Place before = ((HistoryOutcome.Found) newest).before();
        HistoryOutcome.Found dropped = (HistoryOutcome.Found) namespace.history(ascii("key2"), before);
        assertThatThrownBy(() -> dropped.value()
                        .read(ByteBuffer.allocate(dropped.value().version().length())))
                .isInstanceOf(ValueUnreadableException.class);
    }

    @Test
    void readersAndWritersGoOnWhileFilesAreCompacted() throws Exception {
        try (Database database =
                Database.open(config().withSync(SyncMode.NEVER, Duration.ofSeconds(1)), DatabaseListener.NONE)) {
            Namespace namespace = database.defaultNamespace();
            AtomicBoolean done = new AtomicBoolean();
            AtomicReference<Throwable> problem = new AtomicReference<>();
            for (int i = 0; i < 50; i++) {
                set(namespace, "key" + i, i + "=" + "y".repeat(1000));
            }
            Thread reader = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; !done.get(); i = (i + 1) % 50) {
                        assertThat(new String(namespace.get(ascii("key" + i)), StandardCharsets.US_ASCII))
                                .startsWith(i + "=");
                    }
                } catch (Throwable e) {
                    problem.set(e);
                }
            });
            for (int round = 0; round < 60; round++) {
                for (int i = round % 3; i < 50; i += 3) {
                    set(namespace, "key" + i, i + "=" + "z".repeat(1000 + round));
                }
                namespace.jump();
                namespace.compact();
            }
            done.set(true);
            reader.join(20_000);
            assertThat(problem.get()).isNull();
        }
    }

    @Test
    void readersSeeOldOrNewValuesWhileTheyAreReplacedAndFilesJump() throws Exception {
        try (Database database =
                Database.open(config().withSync(SyncMode.NEVER, Duration.ofSeconds(1)), DatabaseListener.NONE)) {
            Namespace namespace = database.defaultNamespace();
            set(namespace, "key", "x".repeat(100) + 0);
            AtomicBoolean done = new AtomicBoolean();
            AtomicReference<Throwable> problem = new AtomicReference<>();
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(Thread.ofPlatform().start(() -> {
                    try {
                        int last = 0;
                        while (!done.get()) {
                            byte[] value = namespace.get(ascii("key"));
                            int number = Integer.parseInt(new String(value, StandardCharsets.US_ASCII).substring(100));
                            assertThat(number).isGreaterThanOrEqualTo(last);
                            last = number;
                            assertThat(namespace.scan(null, false).entries()).isNotEmpty();
                        }
                    } catch (Throwable e) {
                        problem.set(e);
                    }
                }));
            }
            for (int i = 1; i < 3000; i++) {
                set(namespace, "key", "x".repeat(100) + i);
                if (i % 100 == 0) {
                    namespace.jump();
                }
            }
            done.set(true);
            for (Thread reader : readers) {
                reader.join(20_000);
            }
            assertThat(problem.get()).isNull();
        }
    }
}
