package org.qsfs.zdb.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.qsfs.zdb.file.ForgetfulFiles;
import org.qsfs.zdb.format.DataFormat;

/** What a log says to be durable has been fsynced. */
final class DurablePositionTest {
    private static final Path DATA = Path.of("/data/vol-data");

    private final ForgetfulFiles files = new ForgetfulFiles();

    private SegmentLog open() throws IOException {
        SegmentLog log = SegmentLog.open(SegmentLogConfig.of(Path.of("/data"), Path.of("/index"), "vol-data")
                .withSegmentSize(64 << 10)
                .withFiles(files));
        log.startSegment(0);
        return log;
    }

    private static LogPosition append(SegmentLog log, int length) throws IOException {
        Location at = log.append("key".getBytes(StandardCharsets.US_ASCII), ByteBuffer.allocate(length));
        return new LogPosition(at.segment(), at.position() + DataFormat.ENTRY_HEADER_BYTES + 3 + length);
    }

    private void assertThatTheDurableIsFsynced(SegmentLog log) {
        LogPosition durable = log.synced();
        long here = files.durableLength(DATA.resolve(DataFormat.fileName(durable.segment())));
        // a file that was not begun holds nothing that could be lost
        assertThat(durable.offset())
                .as("%s is said to be durable, %d bytes of its file are", durable, here)
                .isLessThanOrEqualTo(Math.max(here, DataFormat.HEADER_BYTES));
    }

    /**
     * A flush that found no active segment, because it had just been rolled, took the end of the log as durable afterwards: of
     * an append that came between the two the bytes were not fsynced.
     */
    @Test
    void aFlushAfterARollDoesNotVouchForAnAppendThatFollows() throws IOException {
        try (SegmentLog log = open()) {
            append(log, 100);
            log.roll();
            SegmentLog.Appended flushed = log.appended();
            LogPosition later = append(log, 100);
            assertThat(flushed.file()).isNull();
            assertThat(flushed.end()).isEqualTo(new LogPosition(1, DataFormat.HEADER_BYTES));
            assertThat(flushed.end()).isLessThan(later);
            assertThatTheDurableIsFsynced(log);
            log.sync();
            assertThat(log.synced()).isEqualTo(later);
            assertThatTheDurableIsFsynced(log);
        }
    }

    /** While the fsync of the active file runs, more is appended. */
    @Test
    void aFlushDoesNotVouchForWhatIsAppendedMeanwhile() throws IOException {
        try (SegmentLog log = open()) {
            LogPosition before = append(log, 100);
            AtomicReference<LogPosition> meanwhile = new AtomicReference<>();
            files.beforeNextSync(() -> meanwhile.set(append(log, 100)));
            log.sync();
            assertThat(log.synced()).isEqualTo(before);
            assertThat(log.end()).isEqualTo(meanwhile.get());
            log.sync();
            assertThat(log.synced()).isEqualTo(meanwhile.get());
            assertThatTheDurableIsFsynced(log);
        }
    }

    /** The same by chance, with everything at once. */
    @Test
    void whateverHappensMeanwhileTheDurableIsFsynced() throws Exception {
        AtomicBoolean running = new AtomicBoolean(true);
        try (SegmentLog log = open();
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            Callable<Void> appender = () -> repeat(running, () -> append(log, 200));
            Callable<Void> roller = () -> repeat(running, log::roll);
            Callable<Void> syncer = () -> repeat(running, () -> {
                log.sync();
                assertThatTheDurableIsFsynced(log);
                return null;
            });
            var all = Stream.of(appender, appender, roller, syncer)
                    .map(threads::submit)
                    .toList();
            try {
                for (int segments = 0; segments < 2000 && all.stream().noneMatch(Future::isDone); ) {
                    Thread.onSpinWait();
                    segments = log.end().segment();
                }
            } finally {
                running.set(false);
            }
            for (Future<Void> each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static Void repeat(AtomicBoolean running, Callable<?> step) throws Exception {
        while (running.get()) {
            step.call();
        }
        return null;
    }
}
