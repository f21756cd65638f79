package org.qsfs.fs.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.fs.journal.TestVolume.bytes;
import static org.qsfs.fs.journal.TestVolume.rows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.file.ForgetfulFiles;
import org.qsfs.zdb.log.LogPosition;
import org.qsfs.zdb.log.ScanEnd;

/** Files that end early or hold other bytes than were written: above what was known to be durable that is a torn tail, below it is damage. */
class TornTailTest {
    private static final int SYNCED = 6;
    private static final int TOTAL = 12;

    @TempDir(factory = MemoryDirectory.class)
    Path directory;

    /** Six transactions, a sync, six more: 7 is the first that knows of the sync. */
    private TestVolume volume;

    private final List<Map<String, String>> states = new ArrayList<>(List.of(Map.of()));
    /** End of the journal behind each transaction. */
    private final List<Integer> ends = new ArrayList<>();

    private byte[] meta;
    private byte[] data;

    @BeforeEach
    void write() throws IOException {
        volume = new TestVolume(directory);
        RecoveredVolume open = volume.open();
        ends.add(0);
        for (int i = 1; i <= TOTAL; i++) {
            Map<String, String> state = new TreeMap<>(states.getLast());
            Transaction transaction = new Transaction().put(bytes("r" + i % 4), bytes("value " + i));
            state.put("r" + i % 4, "value " + i);
            if (i % 2 == 0) {
                TestVolume.appendData(open, transaction, bytes("data " + i));
            }
            open.journal().commit(transaction);
            states.add(state);
            ends.add((int) open.journal().meta().end().offset());
            if (i == SYNCED) {
                open.journal().sync();
            }
        }
        open.journal().abandon();
        meta = volume.files.bytes(TestVolume.metaFile(0));
        data = volume.files.bytes(TestVolume.dataFile(0));
    }

    private RecoveredVolume openWith(byte[] metaBytes, byte[] dataBytes, int attempt) throws IOException {
        volume.files = volume.files.crash(new Random(0));
        volume.layer = volume.files;
        for (int segment = 1; segment < 4; segment++) {
            volume.files.delete(TestVolume.metaFile(segment));
            volume.files.delete(TestVolume.dataFile(segment));
        }
        for (String namespace : List.of("v-meta", "v-data")) {
            for (String name : volume.files.list(TestVolume.INDEX_ROOT.resolve(namespace))) {
                if (name.startsWith("i")) {
                    volume.files.delete(TestVolume.INDEX_ROOT.resolve(namespace).resolve(name));
                }
            }
        }
        volume.files.put(TestVolume.metaFile(0), metaBytes);
        volume.files.put(TestVolume.dataFile(0), dataBytes);
        volume.bootId = "boot-" + attempt;
        return volume.open();
    }

    @Test
    @DisplayName("the journal ends with the last transaction that is whole, wherever its file ends")
    void journalCutAtEveryByte() throws IOException {
        for (int length = ends.get(SYNCED); length <= meta.length; length++) {
            RecoveredVolume open = openWith(Arrays.copyOf(meta, length), data, length);
            int expected = lastEndingBy(length);
            assertThat(open.journal().lastSequence()).as("length %d", length).isEqualTo(expected);
            assertThat(rows(open.rows())).isEqualTo(states.get(expected));
            assertThat(open.report().damage()).isEmpty();
            open.journal().abandon();
        }
    }

    private int lastEndingBy(int length) {
        int last = 0;
        while (last < TOTAL && ends.get(last + 1) <= length) {
            last++;
        }
        return last;
    }

    @Test
    @DisplayName("a transaction whose data record is torn is cut, and so is everything behind it")
    void dataCutAtEveryByte() throws IOException {
        int synced = (int) volumeSyncedData();
        for (int length = synced; length < data.length; length++) {
            RecoveredVolume open = openWith(meta, Arrays.copyOf(data, length), length);
            long last = open.journal().lastSequence();
            assertThat(last).as("length %d", length).isBetween((long) SYNCED + 1, TOTAL - 1L);
            // records are in even transactions, so an odd one is the last before a torn record
            assertThat(last % 2).isEqualTo(1);
            assertThat(rows(open.rows())).isEqualTo(states.get((int) last));
            List<LogPosition> records = new ArrayList<>();
            ScanEnd end = open.journal().data().scan(LogPosition.START, record -> records.add(record.end()));
            assertThat(end.complete()).as("%s", end).isTrue();
            // what was not cut belongs to the transactions that were not
            assertThat(records).hasSize((int) last / 2);
            open.journal().abandon();
        }
    }

    private long volumeSyncedData() throws IOException {
        List<SyncedThrough> synced = new ArrayList<>();
        new MetaSegments(volume.config().meta()).read(0, new MetaSegments.Visitor() {
            @Override
            public boolean entry(JournalEntry entry, LogPosition start, LogPosition end) {
                if (entry instanceof TransactionRecord transaction) {
                    synced.add(transaction.synced());
                }
                return true;
            }

            @Override
            public boolean damaged(LogPosition start, String what) {
                throw new AssertionError(what);
            }
        });
        return synced.getLast().data().offset();
    }

    @Test
    @DisplayName("a flipped bit is cut off above what was durable and refused below, never believed")
    void flippedBits() throws IOException {
        for (int at = 28; at < meta.length; at++) {
            byte[] damaged = meta.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            boolean durable = at < ends.get(SYNCED);
            RecoveredVolume open;
            try {
                open = openWith(damaged, data, at);
            } catch (JournalDamagedException e) {
                assertThat(durable).as("bit in byte %d refused: %s", at, e).isTrue();
                assertThat(e.damage()).isNotEmpty();
                assertRepairable(at);
                continue;
            }
            int last = (int) open.journal().lastSequence();
            assertThat(rows(open.rows())).as("byte %d", at).isEqualTo(states.get(last));
            if (durable) {
                // bits of 0-db's entry header that mean nothing to us: offset of the entry before, timestamp
                assertThat(last).as("byte %d", at).isEqualTo(TOTAL);
            } else {
                assertThat(last).isGreaterThanOrEqualTo(SYNCED);
            }
            open.journal().abandon();
        }
    }

    private void assertRepairable(int at) throws IOException {
        volume.mode = JournalConfig.Mode.REPAIR;
        RecoveredVolume repaired = volume.open();
        assertThat(repaired.report().damage()).as("byte %d", at).isNotEmpty();
        Map<String, String> found = rows(repaired.rows());
        repaired.journal().close();
        volume.mode = JournalConfig.Mode.READ_WRITE;
        volume.bootId = "after repair of " + at;
        Files.deleteIfExists(directory.resolve("rows.mv"));
        RecoveredVolume again = volume.open();
        assertThat(rows(again.rows())).isEqualTo(found);
        again.journal().abandon();
    }

    @Test
    @DisplayName("a repair leaves out one damaged transaction and keeps all others")
    void repairLosesNoMoreThanItMust() throws IOException {
        byte[] damaged = meta.clone();
        damaged[ends.get(4) - 10] ^= 1;
        assertThatThrownBy(() -> openWith(damaged, data, 1))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining("--repair");
        volume.mode = JournalConfig.Mode.REPAIR;
        RecoveredVolume repaired = volume.open();
        // transaction 4 set r0, and so did 8 and 12
        assertThat(rows(repaired.rows())).isEqualTo(states.get(TOTAL));
        repaired.journal().close();
    }

    @Test
    @DisplayName("read-only, what can be read of a damaged journal is shown and nothing is changed")
    void readOnlyOfADamagedJournal() throws IOException {
        byte[] damaged = meta.clone();
        damaged[ends.get(4) - 10] ^= 1;
        volume.mode = JournalConfig.Mode.READ_ONLY;
        RecoveredVolume open = openWith(damaged, data, 1);
        assertThat(rows(open.rows())).isEqualTo(states.get(TOTAL));
        assertThat(open.report().damage()).isNotEmpty();
        assertThatThrownBy(() -> open.journal().commit(new Transaction())).hasMessageContaining("read-only");
        open.journal().close();
        assertThat(volume.files.bytes(TestVolume.metaFile(0))).isEqualTo(damaged);
        ForgetfulFiles files = volume.files;
        assertThat(files.exists(TestVolume.metaFile(1))).isFalse();
    }
}
