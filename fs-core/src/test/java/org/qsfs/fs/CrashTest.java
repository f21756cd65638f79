package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.LongRange;

/** What is left after a crash: everything that was synced, and nothing that was never written. */
class CrashTest {
    private static final int FILES = 3;

    /** Appends to a file, or syncs it, or everything. */
    record Step(Kind kind, int file, int length) {
        enum Kind {
            APPEND,
            APPEND_MORE,
            FSYNC,
            FLUSH_ALL,
            REPLACE,
            REOPEN
        }
    }

    @Property(tries = 100)
    void filesAreAPrefixOfWhatWasWrittenAndHoldWhatWasSynced(
            @ForAll("steps") List<Step> before,
            @ForAll("steps") List<Step> after,
            @ForAll @LongRange(min = 0) long seed)
            throws IOException {
        crashTwice(before, after, seed);
    }

    @Property(tries = 2000)
    @Tag("long")
    void filesAreAPrefixForLong(
            @ForAll("steps") List<Step> before,
            @ForAll("steps") List<Step> after,
            @ForAll @LongRange(min = 0) long seed)
            throws IOException {
        crashTwice(before, after, seed);
    }

    private static void crashTwice(List<Step> before, List<Step> after, long seed) throws IOException {
        try (JournaledVolume volume = new JournaledVolume()) {
            Random random = new Random(seed);
            Appender appender = new Appender(volume);
            for (Step step : before) {
                appender.apply(step);
            }
            volume.crash(random);
            appender.compare();
            for (Step step : after) {
                appender.apply(step);
            }
            volume.crash(random);
            appender.compare();
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(Step.Kind.class),
                        Arbitraries.integers().between(0, FILES - 1),
                        Arbitraries.oneOf(
                                Arbitraries.integers().between(1, 9000),
                                Arbitraries.of(4096, 100_000, 1 << 20, (1 << 20) + 77)))
                .as(Step::new)
                .list()
                .ofMaxSize(30);
    }

    /** Files of which byte {@code i} is a function of {@code i} and of how often the file was replaced, and never 0. */
    private static final class Appender {
        private final JournaledVolume volume;
        private final long[] written = new long[FILES];
        private final long[] synced = new long[FILES];
        private final long[] handles = new long[FILES];

        Appender(JournaledVolume volume) {
            this.volume = volume;
        }

        void apply(Step step) throws IOException {
            QsfsFileSystem fs = volume.fs();
            int file = step.file();
            open(file);
            switch (step.kind()) {
                case APPEND, APPEND_MORE -> {
                    fs.write(handles[file], 0, ByteBuffer.wrap(expected(written[file], step.length())));
                    written[file] += step.length();
                }
                case FSYNC -> {
                    fs.fsync(handles[file], true);
                    synced[file] = written[file];
                }
                case FLUSH_ALL -> {
                    fs.flushAll();
                    System.arraycopy(written, 0, synced, 0, FILES);
                }
                case REPLACE -> replace(file);
                case REOPEN -> {
                    fs.release(handles[file]);
                    handles[file] = 0;
                }
            }
        }

        /** The way editors save: a new file, synced, is renamed over the old one. The new one has the same bytes. */
        private void replace(int file) throws IOException {
            QsfsFileSystem fs = volume.fs();
            fs.release(handles[file]);
            FileName temporary = FileName.of("new" + file);
            FileSystem.Created created = fs.create(
                    Caller.ROOT,
                    FileSystem.ROOT,
                    temporary,
                    0600,
                    OpenFlags.READ_WRITE | OpenFlags.APPEND | OpenFlags.TRUNCATE);
            int length = (int) Math.min(written[file], 5_000_000);
            fs.write(created.handle(), 0, ByteBuffer.wrap(expected(0, length)));
            fs.fsync(created.handle(), false);
            fs.rename(Caller.ROOT, FileSystem.ROOT, temporary, FileSystem.ROOT, FileName.of("file" + file), 0);
            handles[file] = created.handle();
            written[file] = length;
            synced[file] = Math.min(synced[file], length);
        }

        private void open(int file) throws IOException {
            if (handles[file] == 0) {
                handles[file] = volume.fs()
                        .create(
                                Caller.ROOT,
                                FileSystem.ROOT,
                                FileName.of("file" + file),
                                0600,
                                OpenFlags.READ_WRITE | OpenFlags.APPEND)
                        .handle();
            }
        }

        void compare() throws IOException {
            volume.assertSound();
            for (int file = 0; file < FILES; file++) {
                handles[file] = 0;
                byte[] content = {};
                if (volume.names("/").contains("file" + file)) {
                    content = volume.content("/file" + file);
                }
                assertThat((long) content.length).isBetween(synced[file], Math.max(written[file], longest));
                assertThat(content).isEqualTo(expected(0, content.length));
                written[file] = content.length;
                synced[file] = content.length;
                volume.fs().flushAll();
            }
        }

        /** A replaced file may be the older, longer one after the crash. */
        private final long longest = 64 << 20;

        private static byte[] expected(long offset, int length) {
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) (1 + (offset + i) * 31 % 251);
            }
            return bytes;
        }
    }
}
