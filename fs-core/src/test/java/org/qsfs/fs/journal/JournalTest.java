package org.qsfs.fs.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.journal.TestVolume.bytes;
import static org.qsfs.fs.journal.TestVolume.rows;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
