package org.qsfs.zdb.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.file.ForgetfulFiles;
import org.qsfs.zdb.format.DataFormat;

final class SegmentLogTest {
    @TempDir
    Path dir;

    private SegmentLogConfig config;

    @BeforeEach
    void configure() {
        config = SegmentLogConfig.of(dir.resolve("data"), dir.resolve("index"), "vol-data")
                .withSegmentSize(64 << 10);
    }

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ByteBuffer bytes(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private static ByteBuffer read(SegmentLog log, Location at, int from, int count) throws IOException {
        ByteBuffer dst = ByteBuffer.allocate(count);
        log.read(at, from, dst);
        return dst.flip();
    }

    @Test
    void anEntryIsReadBackByItsLocationWholeAndInPart() throws IOException {
        try (SegmentLog log = SegmentLog.open(config)) {
            log.startSegment(0);
            Location small = log.append(key("a"), bytes(1, 100));
            Location large = log.append(key("bb"), bytes(2, 30_000), bytes(3, 10_000));
            assertThat(read(log, small, 0, 100)).isEqualTo(bytes(1, 100));
            assertThat(read(log, large, 30_000, 10_000)).isEqualTo(bytes(3, 10_000));
            assertThat(read(log, large, 29_999, 1)).isEqualTo(bytes(2, 30_000).position(29_999));
            assertThat(log.entry(small).key()).isEqualTo(key("a"));
            assertThatThrownBy(() -> read(log, small, 50, 51)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void entriesThatAreAppendedTogetherLieAsIfEachCameByItself() throws IOException {
        List<NewEntry> together = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            // up to two thirds of a segment, some of them copied, some written from where they are
            together.add(NewEntry.of(key("k" + i), bytes(i, i * 500), bytes(-i, i % 7 == 0 ? 40_000 - i * 500 : 100)));
        }
        SegmentLogConfig separate = SegmentLogConfig.of(dir.resolve("separate"), dir.resolve("index2"), "vol-data")
                .withSegmentSize(64 << 10);
        List<Location> expected = new ArrayList<>();
        try (SegmentLog log = SegmentLog.open(config);
                SegmentLog other = SegmentLog.open(separate)) {
            log.startSegment(0);
            other.startSegment(0);
            for (int i = 0; i < 40; i++) {
                expected.add(
                        other.append(key("k" + i), bytes(i, i * 500), bytes(-i, i % 7 == 0 ? 40_000 - i * 500 : 100)));
            }
            List<Location> found = log.append(together);
            assertThat(found).isEqualTo(expected);
            assertThat(log.end()).isEqualTo(other.end());
            List<String> keys = new ArrayList<>();
            ScanEnd end = log.scan(LogPosition.START, entry -> {
                keys.add(new String(entry.key(), StandardCharsets.UTF_8));
                return entry.crcOk();
            });
            assertThat(end.complete()).isTrue();
            assertThat(keys).hasSize(40).startsWith("k0", "k1").endsWith("k39");
            for (int i = 0; i < 40; i++) {
                assertThat(read(log, found.get(i), 0, i * 500)).isEqualTo(bytes(i, i * 500));
            }
        }
    }

    @Test
    void ofEntriesThatDoNotFitOnTheDiskTogetherNoneIsInTheFile() throws IOException {
        ForgetfulFiles files = new ForgetfulFiles();
        SegmentLog log = SegmentLog.open(config.withFiles(files));
        log.startSegment(0);
        log.append(key("a"), bytes(1, 1000));
        long length = log.end().offset();
        files.limitSpace(38_000);
        assertThatThrownBy(() -> log.append(
                        List.of(NewEntry.of(key("b"), bytes(2, 36_000)), NewEntry.of(key("c"), bytes(3, 9000)))))
                .hasMessageContaining("No space");
        assertThat(files.bytes(dir.resolve("data/vol-data/d0"))).hasSize((int) length);
        log.close();
    }

    @Test
    void manyAppendedBytesReachTheDiskWithoutBeingAskedTo() throws Exception {
        try (SegmentLog log = SegmentLog.open(config.withSegmentSize(64 << 20))) {
            log.startSegment(0);
            log.append(key("a"), bytes(0, 1 << 20));
            LogPosition first = log.end();
            for (int i = 1; i < 9; i++) {
                log.append(key("a"), bytes(i, 1 << 20));
            }
            Instant deadline = Instant.now().plusSeconds(20);
            while (log.synced().compareTo(first) < 0) {
                assertThat(Instant.now()).isBefore(deadline);
                Thread.sleep(5);
            }
        }
    }

    @Test
    void appendingNeedsAStartedSegment() throws IOException {
        try (SegmentLog log = SegmentLog.open(config)) {
            assertThatThrownBy(() -> log.append(key("a"))).isInstanceOf(IllegalStateException.class);
            log.startSegment(5);
            assertThat(log.append(key("a")).segment()).isEqualTo(5);
        }
        try (SegmentLog log = SegmentLog.open(config)) {
            assertThatThrownBy(() -> log.startSegment(5)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aFullSegmentIsClosedBeforeTheEntryThatDoesNotFit() throws IOException {
        List<Integer> closed = new ArrayList<>();
        try (SegmentLog log = SegmentLog.open(config)) {
            log.addListener(new SegmentListener() {
                @Override
                public void segmentClosed(int segment, long length) {
                    closed.add(segment);
                }

                @Override
                public void failed(IOException cause) {
                    throw new AssertionError(cause);
                }
            });
            log.startSegment(0);
            for (int i = 0; i < 10; i++) {
                assertThat(log.append(key("k" + i), bytes(i, 30_000)).segment()).isEqualTo(i / 2);
            }
            assertThat(log.append(key("huge"), bytes(99, 200_000)).segment()).isEqualTo(5);
            assertThat(closed).containsExactly(0, 1, 2, 3, 4);
            assertThat(log.segments()).hasSize(6);
            assertThat(log.segments().getFirst().state()).isEqualTo(SegmentInfo.State.CLOSED);
            assertThat(log.segments().getLast().state()).isEqualTo(SegmentInfo.State.ACTIVE);
        }
        assertThat(closed).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void closingAnEmptyLogLeavesNoSegmentBehind() throws IOException {
        try (SegmentLog log = SegmentLog.open(config)) {
            log.startSegment(0);
            assertThat(log.roll()).isEmpty();
        }
        assertThat(dir.resolve("data/vol-data")).isEmptyDirectory();
    }

    @Test
    void framingIsFirstAndLastInEverySegment() throws IOException {
        SegmentFraming framing = new SegmentFraming() {
            @Override
            public int trailerBytes() {
                return 18 + 1 + 100;
            }

            @Override
            public Frame header(LogPosition at) {
                return new Frame(key("H"), ByteBuffer.wrap(key("header of " + at)));
            }

            @Override
            public Frame trailer(LogPosition at) {
                return new Frame(key("T"), bytes(0, 100));
            }
        };
        try (SegmentLog log = SegmentLog.open(config.withFraming(framing))) {
            log.startSegment(0);
            for (int i = 0; i < 9; i++) {
                log.append(key("k"), bytes(i, 20_000));
            }
            assertThat(log.roll()).contains(2);
            assertThat(log.roll()).isEmpty();
            StringBuilder order = new StringBuilder();
            ScanEnd end = log.scan(LogPosition.START, e -> {
                order.append(new String(e.key(), StandardCharsets.UTF_8));
                return true;
            });
            assertThat(end.complete()).isTrue();
            assertThat(order).hasToString("HkkkTHkkkTHkkkT");
            assertThat(log.segments()).allMatch(s -> s.length() <= 64 << 10);
        }
    }

    @Test
    void anEvictedSegmentIsReadFromElsewhereUntilItIsInstalledAgain() throws IOException {
        Path copy = dir.resolve("copy");
        MissingSegments stored = new MissingSegments() {
            @Override
            public int highest() {
                return 0;
            }

            @Override
            public long length(int segment) throws IOException {
                return Files.size(copy);
            }

            @Override
            public void read(int segment, long offset, ByteBuffer dst) throws IOException {
                dst.put(ByteBuffer.wrap(Files.readAllBytes(copy)).slice((int) offset, dst.remaining()));
            }
        };
        try (SegmentLog log = SegmentLog.open(config.withMissing(stored))) {
            log.startSegment(1);
            Location at = log.append(key("a"), bytes(1, 5000));
            assertThatThrownBy(() -> log.evict(1)).isInstanceOf(IllegalArgumentException.class);
            log.roll();
            Path file = dir.resolve("data/vol-data/d1");
            Files.copy(file, copy);
            log.evict(1);
            assertThat(file).doesNotExist();
            assertThat(read(log, at, 10, 100))
                    .isEqualTo(bytes(1, 5000).position(10).limit(110));
            assertThat(log.segments().getLast().local()).isFalse();
            List<Location> seen = new ArrayList<>();
            log.scan(new LogPosition(1, 0), e -> seen.add(e.location()));
            assertThat(seen).containsExactly(at);
            log.install(1, copy);
            assertThat(copy).doesNotExist();
            assertThat(read(log, at, 0, 5000)).isEqualTo(bytes(1, 5000));
        }
    }

    @Test
    void aTornTailIsReportedAndCutAtEveryByte() throws IOException {
        List<Location> locations = new ArrayList<>();
        try (SegmentLog log = SegmentLog.open(config)) {
            log.startSegment(0);
            for (int i = 0; i < 3; i++) {
                locations.add(log.append(key("key" + i), bytes(i, 40)));
            }
        }
        Path file = dir.resolve("data/vol-data/d0");
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            Files.deleteIfExists(dir.resolve("index/vol-data/i0"));
            Files.deleteIfExists(dir.resolve("index/vol-data/i1"));
            Files.deleteIfExists(dir.resolve("data/vol-data/d1"));
            try (SegmentLog log = SegmentLog.open(config)) {
                List<Location> seen = new ArrayList<>();
                ScanEnd end = log.scan(LogPosition.START, e -> seen.add(e.location()));
                int entries = length < 28 ? 0 : (length - 28) / (18 + 4 + 40);
                boolean boundary = length >= 28 && (length - 28) % (18 + 4 + 40) == 0;
                assertThat(seen).isEqualTo(locations.subList(0, entries));
                assertThat(end.reason()).isEqualTo(boundary ? ScanEnd.Reason.END : ScanEnd.Reason.TORN);
                log.cut(end.position());
                log.startSegment(log.highestSegment() + 1);
                Location next = log.append(key("next"), bytes(7, 10));
                assertThat(log.scan(LogPosition.START, e -> seen.add(e.location()))
                                .complete())
                        .isTrue();
                assertThat(seen.getLast()).isEqualTo(next);
            }
        }
    }

    @Test
    void aChangedByteOfAValueIsNoticed() throws IOException {
        Location at;
        try (SegmentLog log = SegmentLog.open(config)) {
            log.startSegment(0);
            at = log.append(key("a"), bytes(1, 100));
        }
        Path file = dir.resolve("data/vol-data/d0");
        byte[] whole = Files.readAllBytes(file);
        whole[whole.length - 1] ^= 1;
        Files.write(file, whole);
        try (SegmentLog log = SegmentLog.open(config)) {
            assertThatThrownBy(() -> log.entry(at)).isInstanceOf(DamagedEntryException.class);
            List<Boolean> ok = new ArrayList<>();
            assertThat(log.scan(LogPosition.START, e -> ok.add(e.crcOk()) && true)
                            .complete())
                    .isTrue();
            assertThat(ok).containsExactly(false);
        }
    }

    @Test
    void damagedSegmentsAreWalkedToTheirDamageAndNoFurther() throws IOException {
        damage(0, 25_000);
    }

    @Tag("long")
    @Test
    void halfAMillionDamagedSegmentsAreWalked() throws IOException {
        damage(25_000, 525_000);
    }

    private void damage(int from, int to) throws IOException {
        ForgetfulFiles written = new ForgetfulFiles();
        Path file = dir.resolve("data/vol-data/d0");
        Set<ByteBuffer> values = new HashSet<>();
        try (SegmentLog log = SegmentLog.open(config.withFiles(written))) {
            log.startSegment(0);
            for (int i = 0; i < 20; i++) {
                values.add(bytes(i, 30 + i));
                log.append(key("key" + i), bytes(i, 30 + i));
            }
        }
        byte[] whole = written.bytes(file);
        IntStream.range(from, to).parallel().forEach(seed -> {
            try {
                damage(file, whole, values, new Random(seed));
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
        });
    }

    private void damage(Path file, byte[] whole, Set<ByteBuffer> values, Random random) throws IOException {
        byte[] damaged = whole.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
        }
        if (random.nextBoolean()) {
            damaged = java.util.Arrays.copyOf(damaged, random.nextInt(damaged.length + 30));
        }
        ForgetfulFiles files = new ForgetfulFiles();
        files.createDirectories(file.getParent());
        files.put(file, damaged);
        SegmentLog log = SegmentLog.open(config.withFiles(files));
        ScanEnd end = log.scan(LogPosition.START, e -> {
            // an empty value has no checksum that could be wrong
            assertThat(!e.crcOk() || !e.value().hasRemaining() || values.contains(e.value()))
                    .as("a value that was never appended")
                    .isTrue();
            return true;
        });
        assertThat(end.position().offset()).isLessThanOrEqualTo(damaged.length);
        log.cut(end.position());
        log.startSegment(log.highestSegment() + 1);
        log.append(key("next"), bytes(1, 10));
        assertThat(log.scan(LogPosition.START, e -> true).complete()).isTrue();
        log.close();
    }

    @Test
    void theSystemKeepsInMemoryWhatWasClosedLast() throws IOException {
        ForgetfulFiles files = new ForgetfulFiles();
        try (SegmentLog log = SegmentLog.open(config.withFiles(files))) {
            log.startSegment(0);
            List<List<Path>> dropped = new ArrayList<>();
            for (int segment = 0; segment < 5; segment++) {
                log.append(key("a"), bytes(segment, 1000));
                log.roll();
                dropped.add(files.dropped());
            }
            Path data = dir.resolve("data/vol-data");
            assertThat(dropped.get(1)).isEmpty();
            assertThat(dropped.get(2)).containsExactly(data.resolve("d0"));
            assertThat(dropped.get(4)).containsExactly(data.resolve("d0"), data.resolve("d1"), data.resolve("d2"));
        }
    }

    @Test
    void whatTheSystemDroppedFromItsMemoryIsReadFromTheDisk() throws IOException {
        try (SegmentLog log = SegmentLog.open(config)) {
            log.startSegment(0);
            List<Location> locations = new ArrayList<>();
            for (int segment = 0; segment < 4; segment++) {
                locations.add(log.append(key("a"), bytes(segment, 50_000)));
                log.roll();
            }
            for (int segment = 0; segment < 4; segment++) {
                assertThat(read(log, locations.get(segment), 0, 50_000)).isEqualTo(bytes(segment, 50_000));
            }
        }
    }

    @Test
    void aFullDiskFailsTheAppendCutsTheFileAndStopsTheLog() throws IOException {
        ForgetfulFiles files = new ForgetfulFiles();
        SegmentLog log = SegmentLog.open(config.withFiles(files));
        log.startSegment(0);
        Location first = log.append(key("a"), bytes(1, 1000));
        long length = log.end().offset();
        files.limitSpace(500);
        assertThatThrownBy(() -> log.append(key("b"), bytes(2, 1000))).hasMessageContaining("No space");
        assertThat(files.bytes(dir.resolve("data/vol-data/d0"))).hasSize((int) length);
        files.limitSpace(1 << 20);
        assertThatThrownBy(() -> log.append(key("b"), bytes(2, 10))).isInstanceOf(LogFailedException.class);
        assertThatThrownBy(log::sync).isInstanceOf(LogFailedException.class);
        assertThat(read(log, first, 0, 1000)).isEqualTo(bytes(1, 1000));
        log.close();
    }

    @Test
    void aFailedFsyncStopsTheLog() throws IOException {
        ForgetfulFiles files = new ForgetfulFiles();
        SegmentLog log = SegmentLog.open(config.withFiles(files));
        log.startSegment(0);
        log.append(key("a"), bytes(1, 1000));
        files.failNextSync();
        assertThatThrownBy(log::sync).isInstanceOf(IOException.class);
        assertThatThrownBy(log::sync).isInstanceOf(LogFailedException.class);
        assertThatThrownBy(() -> log.append(key("b"))).isInstanceOf(LogFailedException.class);
        log.close();
    }

    @Test
    void syncedEntriesSurviveACrashAtAnyMoment() throws IOException {
        for (int seed = 0; seed < 400; seed++) {
            try {
                crash(new Random(seed));
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** Appends until the process dies at some change of its files, which may be in the middle of anything. */
    private void crash(Random random) throws IOException {
        ForgetfulFiles files = new ForgetfulFiles();
        SegmentLog log = SegmentLog.open(config.withFiles(files).withSegmentSize(4096));
        log.startSegment(0);
        files.stopAfter(random.nextInt(150));
        List<byte[]> appended = new ArrayList<>();
        int synced = 0;
        try {
            while (appended.size() < 60) {
                List<NewEntry> together = new ArrayList<>();
                for (int more = random.nextInt(4); more >= 0; more--) {
                    byte[] key = key("key" + appended.size());
                    appended.add(key);
                    together.add(NewEntry.of(key, bytes(appended.size(), random.nextInt(1500))));
                }
                log.append(together);
                if (random.nextInt(4) == 0) {
                    log.sync();
                    synced = appended.size();
                } else if (random.nextInt(10) == 0) {
                    synced = log.roll().isPresent() ? appended.size() : synced;
                }
            }
        } catch (IOException e) {
            // that is what was asked for
        }
        ForgetfulFiles after = files.crash(random);
        for (int starts = random.nextInt(3); starts > 0; starts--) {
            after.stopAfter(random.nextInt(12));
            try {
                recovered(after).append(key("x"), bytes(1, 10));
            } catch (IOException e) {
                // a start that does not get to its end
            }
            after = after.crash(random);
        }
        SegmentLog found = recovered(after);
        List<EntryVisitor.Entry> seen = new ArrayList<>();
        assertThat(found.scan(LogPosition.START, e -> e.key()[0] == 'x' || seen.add(e))
                        .complete())
                .isTrue();
        assertThat(seen).hasSizeBetween(synced, appended.size());
        for (int i = 0; i < seen.size(); i++) {
            assertThat(seen.get(i).key()).isEqualTo(appended.get(i));
            LogEntry entry = found.entry(seen.get(i).location());
            assertThat(entry.value()).isEqualTo(bytes(i + 1, entry.value().remaining()));
        }
        found.append(key("more"), bytes(1, 10));
        found.sync();
        found.close();
    }

    /** Cuts the torn tail and allows appending. */
    private SegmentLog recovered(ForgetfulFiles files) throws IOException {
        SegmentLog log = SegmentLog.open(config.withFiles(files).withSegmentSize(4096));
        LogPosition[] whole = {LogPosition.START};
        ScanEnd end = log.scan(LogPosition.START, e -> {
            whole[0] = e.crcOk() ? e.end() : whole[0];
            return e.crcOk();
        });
        log.cut(end.reason() == ScanEnd.Reason.STOPPED ? whole[0] : end.position());
        log.startSegment(log.highestSegment() + 1);
        return log;
    }

    @Test
    void anInterruptedThreadTakesTheFileAwayFromNobody() throws IOException {
        try (SegmentLog log = SegmentLog.open(config)) {
            log.startSegment(0);
            Location first = log.append(key("a"), bytes(1, 100));
            Thread.currentThread().interrupt();
            Location second = log.append(key("b"), bytes(2, 40_000));
            log.sync();
            ByteBuffer read = read(log, first, 0, 100);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(read).isEqualTo(bytes(1, 100));
            assertThat(read(log, second, 0, 40_000)).isEqualTo(bytes(2, 40_000));
        }
    }

    @Test
    void concurrentSyncsShareTheirFsyncs() throws Exception {
        ForgetfulFiles files = new ForgetfulFiles();
        try (SegmentLog log = SegmentLog.open(config.withFiles(files))) {
            log.startSegment(0);
            List<Thread> threads = new ArrayList<>();
            List<Throwable> problems = java.util.Collections.synchronizedList(new ArrayList<>());
            for (int t = 0; t < 8; t++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        for (int i = 0; i < 50; i++) {
                            LogPosition end = endOf(log.append(key("k"), bytes(i, 20)));
                            log.sync();
                            assertThat(log.synced()).isGreaterThanOrEqualTo(end);
                        }
                    } catch (Throwable e) {
                        problems.add(e);
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join(20_000);
            }
            assertThat(problems).isEmpty();
            assertThat(files.syncs()).isLessThanOrEqualTo(401);
        }
    }

    private static LogPosition endOf(Location at) {
        return new LogPosition(at.segment(), at.position() + DataFormat.ENTRY_HEADER_BYTES + 1 + at.length());
    }

    @Test
    void anIndexWrittenOfWhatIsRememberedIsTheOneThatReadingTheSegmentGives() throws IOException {
        // keys of 255 bytes: of the second segment more entries than are remembered
        SegmentLogConfig large = config.withSegmentSize(6 << 20);
        try (SegmentLog log = SegmentLog.open(large)) {
            log.startSegment(0);
            for (int i = 0; i < 100; i++) {
                log.append(key("k".repeat(i + 1)), bytes(i, i * 10));
            }
            log.roll();
            for (int i = 0; i < 17_000; i++) {
                log.append(key("%0255d".formatted(i)), bytes(i, 10));
            }
            assertThat(log.roll()).contains(1);
            log.append(key("last"), bytes(1, 10));
            log.roll();
        }
        for (int segment = 0; segment < 3; segment++) {
            Path index = dir.resolve("index/vol-data/i" + segment);
            byte[] written = Files.readAllBytes(index);
            Files.delete(index);
            try (SegmentLog log = SegmentLog.open(large)) {
                log.startSegment(3);
            }
            assertThat(index).hasBinaryContent(written);
        }
    }
}
