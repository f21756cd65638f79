package org.qsfs.fs.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.journal.TestVolume.bytes;
import static org.qsfs.fs.journal.TestVolume.rows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterProperty;
import org.qsfs.zdb.log.Location;

/**
 * DESIGN 5.6 rule 2: after a crash the state is a prefix of the journal's order that contains everything synced. Volumes live through random transactions, syncs,
 * rolls, checkpoints, clean closes, crashes of the process and of the system; at a crash of the system unsynced bytes of both namespaces are lost.
 */
class JournalModelTest {
    private final Path root = temporary();

    private static Path temporary() {
        try {
            return MemoryDirectory.create();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterProperty
    void removeFiles() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    enum Action {
        COMMIT,
        COMMIT_WITH_DATA,
        SYNC,
        ROLL,
        CHECKPOINT,
        CLOSE,
        PROCESS_CRASH,
        SYSTEM_CRASH,
        LOSE_INDEX
    }

    @Provide
    Arbitrary<List<Action>> lives() {
        return Arbitraries.frequency(
                        Tuple.of(30, Action.COMMIT),
                        Tuple.of(20, Action.COMMIT_WITH_DATA),
                        Tuple.of(8, Action.SYNC),
                        Tuple.of(2, Action.ROLL),
                        Tuple.of(2, Action.CHECKPOINT),
                        Tuple.of(1, Action.CLOSE),
                        Tuple.of(2, Action.PROCESS_CRASH),
                        Tuple.of(3, Action.SYSTEM_CRASH),
                        Tuple.of(1, Action.LOSE_INDEX))
                .list()
                .ofMinSize(1)
                .ofMaxSize(120);
    }

    @Property(tries = 4000, shrinking = ShrinkingMode.BOUNDED)
    @Tag("long")
    void manyLives(@ForAll("lives") List<Action> life, @ForAll long seed) throws IOException {
        new Life(Files.createTempDirectory(root, "volume"), new Random(seed)).live(life);
    }

    @Property(tries = 150, shrinking = ShrinkingMode.BOUNDED)
    void aCrashLeavesAPrefixWithEverythingSynced(@ForAll("lives") List<Action> life, @ForAll long seed)
            throws IOException {
        new Life(Files.createTempDirectory(root, "volume"), new Random(seed)).live(life);
    }

    private static final class Life {
        private final Random random;
        private final TestVolume volume;
        private RecoveredVolume open;
        /** State behind each transaction, from sequence 0 on. */
        private final List<Map<String, String>> states = new ArrayList<>(List.of(Map.of()));

        private final List<VolumeCounters> counters = new ArrayList<>(List.of(VolumeCounters.NONE));
        /** Content of the data record a row refers to. */
        private final Map<String, Location> records = new TreeMap<>();

        private int synced;
        private int boots;

        private Life(Path directory, Random random) throws IOException {
            this.random = random;
            volume = new TestVolume(directory);
            volume.segmentSize = 1024 + random.nextInt(6000);
            // every time it can, or only when closed
            volume.indexCommitBytes = random.nextBoolean() ? 0 : 32 << 20;
            open = volume.open();
        }

        private void live(List<Action> life) throws IOException {
            // as the filesystem does: the root directory of a new volume is durable before anything else is written
            commit(false);
            open.journal().sync();
            synced = states.size() - 1;
            for (Action action : life) {
                switch (action) {
                    case COMMIT -> commit(false);
                    case COMMIT_WITH_DATA -> commit(true);
                    case SYNC -> {
                        open.journal().sync();
                        synced = states.size() - 1;
                    }
                    case ROLL -> {
                        open.journal().roll();
                        synced = states.size() - 1;
                    }
                    case CHECKPOINT -> {
                        open.journal().checkpoint();
                        synced = states.size() - 1;
                    }
                    case CLOSE -> {
                        open.journal().close();
                        synced = states.size() - 1;
                        reopen();
                        assertThat(open.report().clean()).isTrue();
                    }
                    case PROCESS_CRASH -> {
                        open.journal().abandon();
                        synced = states.size() - 1;
                        reopen();
                    }
                    case SYSTEM_CRASH -> {
                        open.journal().abandon();
                        volume.layer = volume.files = volume.files.crash(random);
                        volume.bootId = "boot-" + ++boots;
                        reopen();
                    }
                    case LOSE_INDEX -> {
                        open.journal().abandon();
                        synced = states.size() - 1;
                        Files.delete(volume.indexDirectory.resolve("rows.mv"));
                        reopen();
                        assertThat(open.report().indexRebuilt() || states.size() == 1)
                                .isTrue();
                    }
                }
            }
            open.journal().close();
            reopen();
            open.journal().close();
        }

        private void commit(boolean withData) throws IOException {
            Transaction transaction = new Transaction();
            Map<String, String> state = new TreeMap<>(states.getLast());
            int number = states.size();
            int changes = 1 + random.nextInt(4);
            for (int i = 0; i < changes; i++) {
                String key = "r" + random.nextInt(40);
                if (random.nextInt(4) == 0) {
                    transaction.delete(bytes(key));
                    state.remove(key);
                } else {
                    String value = number + "." + i + "x".repeat(random.nextInt(60));
                    transaction.put(bytes(key), bytes(value));
                    state.put(key, value);
                }
            }
            if (withData) {
                String content = "data of " + number + "y".repeat(random.nextInt(400));
                Location location = TestVolume.appendData(open, transaction, bytes(content));
                records.put(content, location);
                transaction.put(bytes("rdata"), bytes(content));
                state.put("rdata", content);
            }
            transaction.usesInode(number).addBytes(changes);
            long sequence = open.journal().commit(transaction);
            assertThat(sequence).isEqualTo(number);
            states.add(state);
            counters.add(new VolumeCounters(number + 1, 0, 0, counters.getLast().bytes() + changes));
            assertThat(rows(open.rows())).isEqualTo(state);
        }

        private void reopen() throws IOException {
            open = volume.open();
            int last = (int) open.journal().lastSequence();
            assertThat(last).isBetween(synced, states.size() - 1);
            assertThat(rows(open.rows())).isEqualTo(states.get(last));
            assertThat(open.counters()).isEqualTo(counters.get(last));
            assertThat(open.report().damage()).isEmpty();
            states.subList(last + 1, states.size()).clear();
            counters.subList(last + 1, counters.size()).clear();
            synced = last;
            String content = states.get(last).get("rdata");
            if (content != null) {
                ByteBuffer read = ByteBuffer.allocate(content.length());
                open.journal().data().read(records.get(content), 0, read);
                assertThat(TestVolume.text(read.array())).isEqualTo(content);
            }
        }
    }
}
