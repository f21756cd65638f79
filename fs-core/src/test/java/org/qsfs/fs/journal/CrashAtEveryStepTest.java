package org.qsfs.fs.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.journal.TestVolume.bytes;
import static org.qsfs.fs.journal.TestVolume.rows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.file.ForgetfulFiles;

/** Stops the files at each change that a life makes on them, cuts the power, and opens again; then the same while recovering from that. */
class CrashAtEveryStepTest {
    @TempDir(factory = MemoryDirectory.class)
    Path directory;

    /** What is promised at a moment. */
    private static final class Promises {
        private final List<Map<String, String>> states = new ArrayList<>(List.of(Map.of()));
        private int synced;
    }

    private interface Life {
        void live(Steps steps) throws IOException;
    }

    private record Steps(RecoveredVolume volume, Promises promises) {
        void commit(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                int number = promises.states.size();
                Map<String, String> state = new TreeMap<>(promises.states.getLast());
                Transaction transaction = new Transaction().put(bytes("r" + number % 5), bytes("v" + number));
                state.put("r" + number % 5, "v" + number);
                if (number % 3 == 0) {
                    TestVolume.appendData(volume, transaction, new byte[50 + number]);
                }
                // a transaction whose commit fails may be in the journal or not
                promises.states.add(state);
                volume.journal().commit(transaction);
            }
        }

        void sync() throws IOException {
            int before = promises.states.size() - 1;
            volume.journal().sync();
            promises.synced = before;
        }

        void roll() throws IOException {
            int before = promises.states.size() - 1;
            volume.journal().roll();
            promises.synced = before;
        }

        void checkpoint() throws IOException {
            int before = promises.states.size() - 1;
            volume.journal().checkpoint();
            promises.synced = before;
        }
    }

    private boolean everything;

    @Test
    @Tag("long")
    @DisplayName("all of these, and at each change of the recovery as well")
    void everything() throws Exception {
        everything = true;
        rolling();
        directory = Files.createDirectory(directory.resolve("checkpointing"));
        checkpointing();
        directory = Files.createDirectory(directory.resolve("filling"));
        filling();
    }

    @Test
    @DisplayName("commit and sync")
    void syncing() throws Exception {
        stopEverywhere(steps -> {
            steps.commit(4);
            steps.sync();
            steps.commit(4);
            steps.sync();
            steps.commit(2);
        });
    }

    @Test
    @DisplayName("roll")
    void rolling() throws Exception {
        stopEverywhere(steps -> {
            steps.commit(4);
            steps.roll();
            steps.commit(4);
            steps.roll();
            steps.commit(1);
        });
    }

    @Test
    @DisplayName("checkpoint")
    void checkpointing() throws Exception {
        stopEverywhere(steps -> {
            steps.commit(5);
            steps.checkpoint();
            steps.commit(3);
            steps.roll();
            steps.commit(3);
            steps.checkpoint();
            steps.roll();
            steps.commit(2);
            steps.sync();
        });
    }

    @Test
    @DisplayName("segments that close because they are full")
    void filling() throws Exception {
        stopEverywhere(steps -> {
            steps.commit(20);
            steps.sync();
            steps.commit(5);
        });
    }

    private static void openAndCommit(TestVolume volume) throws IOException {
        RecoveredVolume open = volume.open();
        try {
            open.journal().commit(new Transaction());
        } finally {
            open.journal().abandon();
        }
    }

    private void stopEverywhere(Life life) throws IOException {
        boolean finished = false;
        for (int stop = 0; !finished; stop++) {
            Promises promises = new Promises();
            TestVolume volume = volume(stop);
            StoppingFiles stopping = new StoppingFiles(volume.files, stop);
            volume.layer = stopping;
            RecoveredVolume open = null;
            try {
                open = volume.open();
                life.live(new Steps(open, promises));
                open.journal().close();
                promises.synced = promises.states.size() - 1;
            } catch (IOException e) {
                assertThat(stopping.left()).as("changes left when %s", e).isNegative();
            }
            finished = stopping.left() >= 0;
            if (open != null && !finished) {
                open.journal().abandon();
            }
            crashWhileRecovering(volume, promises, stop);
        }
    }

    /** All changes of a recovery are tried by the long tests only. */
    private int step(int stop) {
        return everything ? 1 : 1 + 2 * stop;
    }

    private TestVolume volume(int stop) throws IOException {
        TestVolume volume = new TestVolume(Files.createDirectory(directory.resolve("stop-" + stop)));
        volume.segmentSize = 1500;
        return volume;
    }

    /** Crashes once at each change of the recovery and checks that the recovery after that finds the same as one without a crash. */
    private void crashWhileRecovering(TestVolume volume, Promises promises, int seed) throws IOException {
        ForgetfulFiles crashed = volume.files.crash(new Random(seed));
        boolean finished = false;
        long expected = -1;
        for (int stop = 0; !finished; stop += step(stop)) {
            // everything in it is durable, so another crash gives a copy
            volume.files = crashed.crash(new Random(0));
            StoppingFiles stopping = new StoppingFiles(volume.files, stop);
            volume.layer = stopping;
            volume.bootId = "boot-a-" + stop;
            try {
                openAndCommit(volume);
            } catch (IOException e) {
                assertThat(stopping.left()).as("changes left when %s", e).isNegative();
            }
            finished = stopping.left() >= 0;
            volume.files = volume.files.crash(new Random(seed + stop));
            volume.layer = volume.files;
            volume.bootId = "boot-b-" + stop;
            RecoveredVolume last = volume.open();
            long sequence = last.journal().lastSequence();
            if (expected < 0) {
                expected = sequence;
                assertThat(sequence).isBetween((long) promises.synced, promises.states.size() - 1L);
            }
            // the empty transaction may have come through
            assertThat(sequence).isBetween(expected, expected + 1);
            assertThat(rows(last.rows())).isEqualTo(promises.states.get((int) expected));
            assertThat(last.report().damage()).isEmpty();
            last.journal().abandon();
        }
    }
}
