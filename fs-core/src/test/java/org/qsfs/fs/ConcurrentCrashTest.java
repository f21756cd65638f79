package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;

/** The machine stops while many threads work: whatever fsync has promised before is there. */
@Timeout(60)
class ConcurrentCrashTest {
    private static final int WRITERS = 4;
    private static final int ENOUGH_SYNCS = 25;

    @RepeatedTest(5)
    void whatWasSyncedBeforeTheCrashIsThere(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        FileSystemConfig config = TestVolume.quiet().withCommitInterval(Duration.ofMillis(3));
        try (JournaledVolume volume = new JournaledVolume(config)) {
            AtomicLongArray synced = new AtomicLongArray(WRITERS);
            AtomicIntegerArray made = new AtomicIntegerArray(WRITERS);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> running = new ArrayList<>();
                for (int i = 0; i < WRITERS; i++) {
                    int writer = i;
                    running.add(threads.submit(() -> write(volume.fs(), writer, synced, made)));
                }
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                while (!haveSynced(made) && System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                }
                volume.crash(random);
                for (Future<?> writer : running) {
                    writer.get(20, TimeUnit.SECONDS);
                }
            }
            volume.assertSound();
            for (int writer = 0; writer < WRITERS; writer++) {
                byte[] content = volume.content("/log" + writer);
                assertThat((long) content.length).isGreaterThanOrEqualTo(synced.get(writer));
                byte[] expected = new byte[content.length];
                for (int i = 0; i < content.length; i++) {
                    expected[i] = expected(writer, i);
                }
                assertThat(content).isEqualTo(expected);
                List<String> names = volume.names("/");
                for (int i = 0; i < made.get(writer); i++) {
                    assertThat(names).contains("done-" + writer + "-" + i);
                }
            }
        }
    }

    /** Whether the first writer has synced often, and each of the others at least once. */
    private static boolean haveSynced(AtomicIntegerArray made) {
        for (int writer = 1; writer < WRITERS; writer++) {
            if (made.get(writer) == 0) {
                return false;
            }
        }
        return made.get(0) >= ENOUGH_SYNCS;
    }

    /** Appends and syncs, then makes a file under another name, renames it, and syncs the directory; until the crash. */
    private static void write(QsfsFileSystem fs, int writer, AtomicLongArray synced, AtomicIntegerArray made) {
        Random random = new Random(writer);
        try {
            FileName log = FileName.of("log" + writer);
            int flags = OpenFlags.WRITE_ONLY | OpenFlags.APPEND;
            long handle =
                    fs.create(Caller.ROOT, FileSystem.ROOT, log, 0644, flags).handle();
            long root = fs.openDirectory(Caller.ROOT, FileSystem.ROOT);
            long length = 0;
            for (int n = 0; ; n++) {
                int count = 1 + random.nextInt(n % 10 == 0 ? 300_000 : 3000);
                ByteBuffer bytes = ByteBuffer.allocate(count);
                for (int i = 0; i < count; i++) {
                    bytes.put(expected(writer, length + i));
                }
                fs.write(handle, 0, bytes.flip());
                length += count;
                fs.fsync(handle, true);
                synced.set(writer, length);
                FileName temporary = FileName.of("new-" + writer);
                fs.release(fs.create(Caller.ROOT, FileSystem.ROOT, temporary, 0644, flags)
                        .handle());
                FileName done = FileName.of("done-" + writer + "-" + n);
                fs.rename(Caller.ROOT, FileSystem.ROOT, temporary, FileSystem.ROOT, done, 0);
                fs.fsyncDirectory(root);
                made.set(writer, n + 1);
            }
        } catch (FsException e) {
            // the crash
        }
    }

    private static byte expected(int writer, long at) {
        return (byte) (1 + (at * 31 + writer) % 251);
    }
}
