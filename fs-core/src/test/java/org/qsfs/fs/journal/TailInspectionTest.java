package org.qsfs.fs.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.fs.journal.TestVolume.bytes;
import static org.qsfs.fs.journal.TestVolume.rows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.zdb.log.MissingSegments;

/** How much of the data namespace is read to find the end of the journal. */
class TailInspectionTest {
    @TempDir(factory = MemoryDirectory.class)
    Path directory;

    /** Data segments that were stored, but that no journal knows; counts how often they are read. */
    private static final class Unpublished implements MissingSegments {
        private final AtomicInteger reads = new AtomicInteger();

        @Override
        public int highest() {
            return 1000;
        }

        @Override
        public long length(int segment) {
            return segment >= 10 && segment <= 1000 ? 1 << 20 : -1;
        }

        @Override
        public void read(int segment, long offset, ByteBuffer dst) throws IOException {
            reads.incrementAndGet();
            throw new IOException("segment " + segment + " cannot be read");
        }
    }

    private JournalConfig config(TestVolume volume, MissingSegments stored) {
        JournalConfig config = volume.config();
        return JournalConfig.of(
                TestVolume.VOLUME, volume.epoch, config.data().withMissing(stored), config.meta(), config.rows());
    }

    private static void commit(RecoveredVolume open, int number) throws IOException {
        Transaction transaction = new Transaction().put(bytes("r" + number), bytes("value"));
        TestVolume.appendData(open, transaction, bytes("data " + number));
        open.journal().commit(transaction);
    }

    @Test
    @DisplayName("stored data segments behind a journal that was closed are not read")
    void closedJournal() throws IOException {
        TestVolume volume = new TestVolume(directory);
        RecoveredVolume written = volume.open();
        commit(written, 1);
        written.journal().close();

        Unpublished stored = new Unpublished();
        RecoveredVolume open = Journal.open(config(volume, stored));
        assertThat(rows(open.rows())).isEqualTo(Map.of("r1", "value"));
        assertThat(stored.reads).hasValue(0);
        open.journal().abandon();
    }

    @Test
    @DisplayName("of a journal that was not closed, data is read up to what its transactions introduce")
    void openJournal() throws IOException {
        TestVolume volume = new TestVolume(directory);
        RecoveredVolume written = volume.open();
        commit(written, 1);
        written.journal().sync();
        commit(written, 2);
        written.journal().abandon();

        Unpublished stored = new Unpublished();
        RecoveredVolume open = Journal.open(config(volume, stored));
        assertThat(rows(open.rows())).isEqualTo(Map.of("r1", "value", "r2", "value"));
        assertThat(stored.reads).hasValue(0);
        open.journal().abandon();
    }
}
