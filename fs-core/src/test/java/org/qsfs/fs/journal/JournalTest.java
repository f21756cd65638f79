package org.qsfs.fs.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.fs.journal.TestVolume.bytes;
import static org.qsfs.fs.journal.TestVolume.rows;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.encryption.VolumeId;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.rows.IndexTampering;
import org.qsfs.fs.rows.Row;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.zdb.file.OpenFile;
import org.qsfs.zdb.file.OpenMode;
import org.qsfs.zdb.log.LogPosition;

class JournalTest {
    @TempDir(factory = MemoryDirectory.class)
    Path directory;

    @Test
    void rowsAreThereAfterClosingAndOpening() throws Exception {
        TestVolume volume = new TestVolume(directory);
        Map<String, String> expected = new TreeMap<>();
        try (Journal journal = volume.open().journal()) {
            for (int i = 0; i < 2000; i++) {
                journal.commit(new Transaction()
                        .put(bytes("r" + i % 700), bytes("value " + i))
                        .usesInode(i)
                        .addInodes(1));
                expected.put("r" + i % 700, "value " + i);
            }
        }
        RecoveredVolume again = volume.open();
        assertThat(rows(again.rows())).isEqualTo(expected);
        assertThat(again.counters()).isEqualTo(new VolumeCounters(2000, 0, 2000, 0));
        assertThat(again.report().clean()).isTrue();
        again.journal().close();
    }

    @Test
    void whatWasSyncedSurvivesACrashAndALostIndex() throws Exception {
        TestVolume volume = new TestVolume(directory);
        RecoveredVolume first = volume.open();
        Map<String, String> expected = new TreeMap<>();
        for (int i = 0; i < 500; i++) {
            Transaction transaction = new Transaction().put(bytes("r" + i), bytes("value " + i));
            TestVolume.appendData(first, transaction, new byte[100]);
            first.journal().commit(transaction);
            expected.put("r" + i, "value " + i);
        }
        first.journal().sync();
        first.journal().commit(new Transaction().put(bytes("r-unsynced"), bytes("1")));
        first.journal().abandon();
        volume.layer = volume.files = volume.files.crash(new Random(1));
        volume.bootId = "boot-2";

        RecoveredVolume again = volume.open();
        Map<String, String> found = rows(again.rows());
        found.remove("r-unsynced");
        assertThat(found).isEqualTo(expected);
        assertThat(again.report().indexRebuilt()).isTrue();
        again.journal().close();
    }

    private static Transaction put(String key, String value) {
        return new Transaction().put(bytes(key), bytes(value));
    }

    @Nested
    @DisplayName("after a failed write or fsync")
    class Failure {
        private final List<String> reasons = new ArrayList<>();
        private TestVolume volume;
        private Journal journal;
        private RecoveredVolume open;

        @BeforeEach
        void open() throws Exception {
            volume = new TestVolume(directory);
            open = volume.open();
            journal = open.journal();
            journal.addListener(new JournalListener() {
                @Override
                public void metaSegmentClosed(MetaRoll roll) {}

                @Override
                public void failed(String reason, Throwable cause) {
                    reasons.add(reason);
                }
            });
            journal.commit(put("r1", "synced"));
            journal.sync();
        }

        @Test
        @DisplayName("the sync fails with EIO, the volume is read-only, nothing is tried again, reads go on")
        void failedSync() throws Exception {
            journal.commit(put("r1", "unsynced"));
            volume.files.failNextSync();
            assertErrno(Errno.EIO, () -> journal.sync());
            assertErrno(Errno.EIO, () -> journal.sync());
            assertErrno(Errno.EROFS, () -> journal.commit(put("r2", "late")));
            assertErrno(Errno.EROFS, () -> journal.roll());
            assertErrno(Errno.EROFS, () -> journal.checkpoint());
            assertThat(reasons).hasSize(1);
            assertThat(open.rows().get(bytes("r1"))).isEqualTo(bytes("unsynced"));
            long syncs = volume.files.syncs();
            journal.close();
            assertThat(volume.files.syncs()).isEqualTo(syncs);
        }

        @Test
        @DisplayName("a failed fsync of the data namespace counts as much")
        void failedDataSync() throws Exception {
            Transaction transaction = put("r1", "unsynced");
            TestVolume.appendData(open, transaction, new byte[100]);
            journal.commit(transaction);
            journal.meta().sync();
            volume.files.failNextSync();
            assertErrno(Errno.EIO, () -> journal.sync());
            assertErrno(Errno.EROFS, () -> journal.commit(put("r2", "late")));
            assertThat(journal.syncedThrough().meta()).isLessThan(journal.meta().end());
            journal.close();
        }

        @Test
        @DisplayName(
                "on a full disk the commit fails with EIO, its rows never become visible, and the next mount goes on")
        void fullDisk() throws Exception {
            volume.files.limitSpace(10);
            assertErrno(Errno.EIO, () -> journal.commit(put("r1", "too much")));
            assertThat(open.rows().get(bytes("r1"))).isEqualTo(bytes("synced"));
            assertErrno(Errno.EROFS, () -> journal.commit(put("r1", "late")));
            journal.close();
            volume.files.limitSpace(1 << 30);
            try (Journal again = volume.open().journal()) {
                again.commit(put("r1", "after"));
            }
        }

        @Test
        @DisplayName("everyone who waits for the sync fails")
        void allWaiters() throws Exception {
            journal.commit(put("r1", "unsynced"));
            volume.files.failNextSync();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> syncs = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    syncs.add(threads.submit(() -> {
                        journal.sync();
                        return null;
                    }));
                }
                for (Future<?> sync : syncs) {
                    assertThatThrownBy(() -> sync.get(10, TimeUnit.SECONDS)).hasRootCauseMessage("Input/output error");
                }
            }
            journal.close();
        }

        private void assertErrno(Errno errno, ThrowingCallable call) {
            assertThatThrownBy(call)
                    .isInstanceOfSatisfying(
                            FsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
        }
    }

    @Nested
    @DisplayName("meta segments")
    class Segments {
        private final List<MetaRoll> rolls = new ArrayList<>();

        private RecoveredVolume open(TestVolume volume) throws Exception {
            RecoveredVolume open = volume.open();
            open.journal().addListener(new JournalListener() {
                @Override
                public void metaSegmentClosed(MetaRoll roll) {
                    rolls.add(roll);
                }

                @Override
                public void failed(String reason, Throwable cause) {
                    throw new AssertionError(reason, cause);
                }
            });
            return open;
        }

        @Test
        @DisplayName("are a chain of hashes, need only closed data segments, and are told in order")
        void chain() throws Exception {
            TestVolume volume = new TestVolume(directory);
            volume.segmentSize = 4096;
            RecoveredVolume open = open(volume);
            for (int i = 0; i < 200; i++) {
                Transaction transaction = put("r" + i, "v" + i);
                TestVolume.appendData(open, transaction, new byte[300]);
                open.journal().commit(transaction);
                if (i == 150) {
                    open.journal().roll();
                }
            }
            open.journal().close();
            assertThat(rolls).hasSizeGreaterThan(5);
            SegmentLink before = null;
            long last = 0;
            for (MetaRoll roll : rolls) {
                assertThat(roll.predecessor()).isEqualTo(before);
                assertThat(roll.hash())
                        .isEqualTo(Sha256.digest(volume.files.bytes(TestVolume.metaFile(roll.segment()))));
                assertThat(roll.lastSequence()).isEqualTo(last + roll.transactions());
                assertThat(volume.files.bytes(TestVolume.metaFile(roll.segment())).length)
                        .isLessThanOrEqualTo(4096);
                for (int needed : roll.dataSegments()) {
                    assertThat(volume.files.exists(TestVolume.dataFile(needed))).isTrue();
                }
                assertThat(roll.dataSegments()).isNotEmpty();
                before = roll.link();
                last = roll.lastSequence();
            }
            RecoveredVolume again = volume.open();
            assertThat(again.journal().closedSegments(-1)).isEqualTo(rolls);
            assertThat(again.journal().closedSegments(2)).isEqualTo(rolls.subList(3, rolls.size()));
            again.journal().close();
        }

        @Test
        @DisplayName("that a crash closed are described like the others, and never appended to")
        void afterACrash() throws Exception {
            TestVolume volume = new TestVolume(directory);
            RecoveredVolume open = open(volume);
            Transaction transaction = put("r1", "v1");
            TestVolume.appendData(open, transaction, new byte[10]);
            open.journal().commit(transaction);
            open.journal().sync();
            byte[] file = volume.files.bytes(TestVolume.metaFile(0));
            open.journal().abandon();
            open = volume.open();
            MetaRoll cut = new MetaRoll(0, 1, null, Sha256.digest(file), List.of(0), 1, 1, null);
            assertThat(open.journal().closedSegments(-1)).containsExactly(cut);
            open.journal().commit(put("r2", "v2"));
            assertThat(open.journal().closedSegments(-1)).containsExactly(cut);
            open.journal().close();
            assertThat(volume.files.bytes(TestVolume.metaFile(0))).isEqualTo(file);
            assertThat(new MetaSegments(volume.config().meta()).header(1))
                    .extracting(SegmentHeader::predecessor)
                    .isEqualTo(cut.link());
        }

        @Test
        @DisplayName("that are not local are read from where they are stored, with and without the index")
        void stored() throws Exception {
            TestVolume volume = new TestVolume(directory);
            volume.segmentSize = 2048;
            RecoveredVolume open = open(volume);
            for (int i = 0; i < 100; i++) {
                open.journal().commit(put("r" + i, "v" + i));
                if (i == 60) {
                    open.journal().checkpoint();
                }
            }
            Map<String, String> expected = rows(open.rows());
            open.journal().close();
            for (MetaRoll roll : rolls) {
                volume.evictMeta(roll.segment());
            }
            open = open(volume);
            assertThat(rows(open.rows())).isEqualTo(expected);
            open.journal().commit(put("r-after", "1"));
            open.journal().close();
            Files.delete(directory.resolve("rows.mv"));
            open = volume.open();
            assertThat(open.report().indexRebuilt()).isTrue();
            expected.put("r-after", "1");
            assertThat(rows(open.rows())).isEqualTo(expected);
            // the checkpoint spares the transactions before it
            assertThat(open.report().replayed()).isEqualTo(40);
            open.journal().close();
        }
    }

    @Nested
    @DisplayName("identity")
    class Identity {
        @Test
        @DisplayName("another volume's journal is refused")
        void otherVolume() throws Exception {
            TestVolume volume = new TestVolume(directory);
            try (Journal journal = volume.open().journal()) {
                journal.commit(put("r1", "1"));
            }
            JournalConfig config = volume.config();
            JournalConfig other = JournalConfig.of(new VolumeId(9, 9), 1, config.data(), config.meta(), config.rows());
            assertThatThrownBy(() -> Journal.open(other)).hasMessageContaining("belongs to volume");
        }

        @Test
        @DisplayName("a writer of an earlier epoch is refused, one of a later epoch says what it forks from")
        void epochs() throws Exception {
            TestVolume volume = new TestVolume(directory);
            volume.epoch = 5;
            try (Journal journal = volume.open().journal()) {
                journal.commit(put("r1", "1"));
            }
            volume.epoch = 4;
            assertThatThrownBy(volume::open).hasMessageContaining("epoch 5");
            volume.epoch = 8;
            RecoveredVolume open = volume.open();
            open.journal().commit(put("r2", "2"));
            SegmentHeader header = new MetaSegments(volume.config().meta()).header(1);
            assertThat(header.epoch()).isEqualTo(8);
            assertThat(header.predecessor().epoch()).isEqualTo(5);
            open.journal().close();
        }

        @Test
        @DisplayName("what lies beyond the head is void, and numbers of it are not used again")
        void head() throws Exception {
            TestVolume volume = new TestVolume(directory);
            RecoveredVolume open = volume.open();
            open.journal().commit(put("r1", "published"));
            MetaRoll published = open.journal().roll().orElseThrow();
            open.journal().commit(put("r1", "void"));
            open.journal().close();
            volume.epoch = 2;
            open = Journal.open(volume.config().withHead(published.link()).withFirstSegments(7, 9));
            assertThat(rows(open.rows())).isEqualTo(Map.of("r1", "published"));
            Transaction transaction = put("r2", "after");
            assertThat(TestVolume.appendData(open, transaction, new byte[1]).segment())
                    .isEqualTo(7);
            open.journal().commit(transaction);
            assertThat(open.journal().roll().orElseThrow().segment()).isEqualTo(9);
            open.journal().close();
            open = volume.open();
            assertThat(rows(open.rows())).isEqualTo(Map.of("r1", "published", "r2", "after"));
            open.journal().close();
            SegmentLink other = new SegmentLink(0, 1, Sha256.digest(new byte[1]));
            assertThatThrownBy(() -> Journal.open(volume.config().withHead(other)))
                    .hasMessageContaining("another history");
        }

        @Test
        @DisplayName("a data namespace without journal is not thrown away")
        void lostMeta() throws Exception {
            TestVolume volume = new TestVolume(directory);
            volume.segmentSize = 1024;
            RecoveredVolume open = volume.open();
            for (int i = 0; i < 5; i++) {
                Transaction transaction = put("r1", "1");
                TestVolume.appendData(open, transaction, new byte[900]);
                open.journal().commit(transaction);
            }
            open.journal().close();
            for (int segment = 0; segment < 10; segment++) {
                volume.files.delete(TestVolume.metaFile(segment));
                volume.files.delete(TestVolume.INDEX_ROOT.resolve("v-meta").resolve("i" + segment));
            }
            assertThatThrownBy(volume::open).hasMessageContaining("no readable segment");
            assertThat(volume.files.exists(TestVolume.dataFile(2))).isTrue();
        }
    }

    @Test
    @DisplayName("concurrent committers and syncers: sequences without gaps, nothing synced is lost, fsyncs are shared")
    void concurrency() throws Exception {
        TestVolume volume = new TestVolume(directory);
        volume.segmentSize = 16 << 10;
        RecoveredVolume open = volume.open();
        Map<String, String> expected = new ConcurrentHashMap<>();
        Set<Long> sequences = ConcurrentHashMap.newKeySet();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writers = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                int writer = t;
                writers.add(threads.submit(() -> {
                    for (int i = 0; i < 200; i++) {
                        Transaction transaction = put("r" + writer + "-" + i % 20, "v" + i);
                        TestVolume.appendData(open, transaction, new byte[40]);
                        sequences.add(open.journal().commit(transaction));
                        expected.put("r" + writer + "-" + i % 20, "v" + i);
                        if (i % 10 == 0) {
                            open.journal().sync();
                        }
                        if (i == 100 && writer == 3) {
                            open.journal().checkpoint();
                            open.journal().roll();
                        }
                    }
                    open.journal().sync();
                    return null;
                }));
            }
            for (Future<?> writer : writers) {
                writer.get(30, TimeUnit.SECONDS);
            }
        }
        assertThat(sequences).hasSize(1600);
        assertThat(open.journal().lastSequence()).isEqualTo(1600);
        open.journal().abandon();
        volume.files = volume.files.crash(new Random(2));
        volume.layer = volume.files;
        volume.bootId = "boot-2";
        RecoveredVolume again = volume.open();
        assertThat(again.journal().lastSequence()).isEqualTo(1600);
        assertThat(rows(again.rows())).isEqualTo(expected);
        again.journal().close();
    }

    @Test
    @DisplayName("commits wait for the index when the overlay is full, and sync what it needs")
    void backpressure() throws Exception {
        TestVolume volume = new TestVolume(directory);
        RecoveredVolume open = volume.open();
        for (int i = 0; i < 20_000; i++) {
            open.journal().commit(put("r" + i, "value " + i));
            assertThat(open.rows().overlayBytes()).isLessThan((1 << 20) + 4096);
        }
        assertThat(rows(open.rows())).hasSize(20_000);
        open.journal().close();
    }

    @Test
    @DisplayName("an index destroyed in use is built again from a journal whose last entry is half written")
    void rebuildWhileTheJournalGrows() throws Exception {
        TestVolume volume = new TestVolume(directory);
        volume.segmentSize = 1 << 20;
        RecoveredVolume open = volume.open();
        String value = "x".repeat(400);
        for (int i = 0; i < 20_000; i += 100) {
            Transaction transaction = new Transaction();
            for (int j = i; j < i + 100; j++) {
                transaction.put(bytes("r%05d".formatted(j)), bytes(value + j));
            }
            open.journal().commit(transaction);
            if (i == 10_000) {
                open.journal().checkpoint();
            }
        }
        open.journal().close();
        // opened again, so that few pages are in memory
        open = volume.open();
        open.journal().commit(put("r-last", "1"));
        open.journal().sync();
        LogPosition end = open.journal().meta().end();
        try (OpenFile active = volume.files.open(TestVolume.metaFile(end.segment()), OpenMode.READ_WRITE)) {
            active.write(end.offset(), ByteBuffer.wrap(new byte[] {9, 50, 0, 0, 0, 1, 2, 3}));
        }
        try (RandomAccessFile index =
                new RandomAccessFile(directory.resolve("rows.mv").toFile(), "rw")) {
            index.seek(8192);
            index.write(new byte[(int) index.length() - 8192]);
        }
        Map<String, String> found = rows(open.rows());
        assertThat(found).hasSize(20_001).containsEntry("r00000", value + 0).containsEntry("r19999", value + 19999);
        assertThat(open.journal().failure()).isNull();
        open.journal().close();
    }

    @Nested
    @DisplayName("an index that was left while a batch was written to it")
    class HalfAppliedIndex {
        private TestVolume volume;

        /** The index ends with transaction 1, and holds a row of a later one. */
        private void leave(Row part, byte[] ceiling) throws Exception {
            IndexTampering.beganToApply(directory, part, ceiling);
        }

        @BeforeEach
        void open() throws Exception {
            volume = new TestVolume(directory);
            try (Journal journal = volume.open().journal()) {
                journal.commit(put("r1", "first"));
            }
        }

        @Test
        @DisplayName("is made whole when the journal has the batch")
        void whole() throws Exception {
            byte[] first = IndexTampering.mark(directory);
            Path older = Files.createDirectory(directory.resolve("older"));
            Files.copy(directory.resolve("rows.mv"), older.resolve("rows.mv"));
            try (Journal journal = volume.open().journal()) {
                journal.commit(put("r1", "second"));
                journal.commit(put("r2", "third"));
            }
            byte[] last = IndexTampering.mark(directory);
            Files.move(older.resolve("rows.mv"), directory.resolve("rows.mv"), StandardCopyOption.REPLACE_EXISTING);
            leave(new Row(bytes("r2"), bytes("third")), last);
            assertThat(IndexTampering.mark(directory)).isEqualTo(first);
            RecoveredVolume open = volume.open();
            assertThat(open.report().indexRebuilt()).isFalse();
            assertThat(open.report().replayed()).isEqualTo(2);
            assertThat(rows(open.rows())).isEqualTo(Map.of("r1", "second", "r2", "third"));
            open.journal().close();
        }

        @Test
        @DisplayName("is dropped when the journal has another transaction there")
        void foreign() throws Exception {
            JournalPoint mark = JournalPoint.decode(IndexTampering.mark(directory));
            // a transaction 1 with another checksum: it was in the journal once, but is not any more
            byte[] lost = new JournalPoint(1, mark.checksum() + 1, mark.position(), mark.counters()).encode();
            leave(new Row(bytes("r9"), bytes("lost")), lost);
            RecoveredVolume open = volume.open();
            assertThat(open.report().indexRebuilt()).isTrue();
            assertThat(rows(open.rows())).isEqualTo(Map.of("r1", "first"));
            open.journal().close();
        }

        @Test
        @DisplayName("is dropped when the journal ends before the batch does")
        void ahead() throws Exception {
            JournalPoint mark = JournalPoint.decode(IndexTampering.mark(directory));
            LogPosition behind = new LogPosition(5, 100);
            byte[] ahead = new JournalPoint(9, 1, behind, mark.counters()).encode();
            leave(new Row(bytes("r9"), bytes("lost")), ahead);
            RecoveredVolume open = volume.open();
            assertThat(open.report().indexRebuilt()).isTrue();
            assertThat(rows(open.rows())).isEqualTo(Map.of("r1", "first"));
            open.journal().close();
        }
    }

    @Test
    @DisplayName("an index with a flipped bit is brought up to date or built again, whatever bit it is")
    void flippedBitsInAnIndexThatLacksTransactions() throws Exception {
        TestVolume volume = new TestVolume(directory);
        volume.segmentSize = 1 << 20;
        Random random = new Random(17);
        RecoveredVolume open = volume.open();
        for (int i = 0; i < 3000; i++) {
            open.journal().commit(put("r" + random.nextInt(4000), "value " + i));
        }
        open.journal().close();
        byte[] index = Files.readAllBytes(directory.resolve("rows.mv"));
        open = volume.open();
        for (int i = 0; i < 1000; i++) {
            open.journal().commit(put("r" + random.nextInt(4000), "later " + i));
        }
        open.journal().sync();
        Map<String, String> expected = rows(open.rows());
        open.journal().close();
        int rebuilt = 0;
        for (int round = 0; round < 40; round++) {
            byte[] damaged = index.clone();
            int at = random.nextInt(damaged.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(directory.resolve("rows.mv"), damaged);
            open = volume.open();
            assertThat(open.journal().lastSequence()).isEqualTo(4000);
            assertThat(rows(open.rows())).as("bit in byte %d", at).isEqualTo(expected);
            assertThat(open.journal().failure()).isNull();
            rebuilt += open.report().indexRebuilt() ? 1 : 0;
            open.journal().close();
        }
        assertThat(rebuilt).isBetween(1, 39);
    }
}
