package org.qsfs.zdb.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qsfs.zdb.engine.WriteOutcome.Done;
import org.qsfs.zdb.engine.WriteOutcome.Refused;
import org.qsfs.zdb.engine.WriteOutcome.Unchanged;
import org.qsfs.zdb.file.ForgetfulFiles;
import org.qsfs.zdb.format.IndexFormat;
import org.qsfs.zdb.format.IndexFormat.Mode;
import org.qsfs.zdb.format.NamespaceSettings;

/**
 * Writes at random, loses power at random: what is found afterwards is the state after one of the writes, and none that was
 * durable is missing.
 */
final class CrashTest {
    /** What a client sees: keys in the order of a scan, and the next number in sequential mode. */
    private record State(List<String> content, long nextId) {}

    private static final Path DATA = Path.of("/data");
    private static final Path INDEX = Path.of("/index");

    /** A namespace on forgetful files, and what it should hold. */
    private static final class Run {
        private final Random random;
        private final Mode mode;
        private ForgetfulFiles files = new ForgetfulFiles();
        private Namespace namespace;
        /** Key → value, in scan order. */
        private Map<Long, String> model;

        private long nextId;
        private int written;
        private final List<State> states = new ArrayList<>();

        Run(Mode mode, int seed) throws IOException {
            this.random = new Random(seed);
            this.mode = mode;
            this.model = mode == Mode.USER ? new LinkedHashMap<>() : new TreeMap<>();
            open();
            remember();
        }

        private void open() throws IOException {
            DatabaseConfig config = DatabaseConfig.of(DATA, INDEX)
                    .withMode(mode)
                    .withFiles(files)
                    .withSync(SyncMode.ALWAYS, Duration.ofSeconds(1));
            StoreLoader loader = new StoreLoader(config, new Statistics(), "n");
            namespace = new Namespace("n", config, loader, DatabaseListener.NONE, NamespaceSettings.fresh("n"));
        }

        private void remember() {
            List<String> content = new ArrayList<>();
            model.forEach((key, value) -> content.add(key + "=" + value));
            states.add(new State(content, mode == Mode.SEQUENTIAL ? nextId : 0));
        }

        private byte[] key(long number) {
            return SequentialStore.key(number);
        }

        private void durable() {
            states.subList(0, states.size() - 1).clear();
        }

        void step() throws IOException {
            switch (random.nextInt(11)) {
                case 10 -> compact();
                case 0 -> {
                    namespace.jump();
                    durable();
                }
                case 1, 2 -> delete();
                case 3 -> crash();
                default -> set();
            }
        }

        private void compact() throws IOException {
            if (mode == Mode.USER && namespace.compact() > 0) {
                durable();
            }
        }

        private void set() throws IOException {
            String value = (written++) + "-".repeat(random.nextInt(60));
            boolean insert = mode == Mode.SEQUENTIAL && (nextId == 0 || random.nextBoolean());
            long number = mode == Mode.USER ? random.nextInt(8) : random.nextLong(Math.max(1, nextId));
            WriteOutcome outcome = namespace.set(
                    insert ? new byte[0] : key(number),
                    1,
                    ByteBuffer.wrap(value.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
            if (outcome instanceof Refused) {
                assertThat(mode).isEqualTo(Mode.SEQUENTIAL);
                assertThat(model).doesNotContainKey(number);
                return;
            }
            if (insert) {
                number = nextId;
            } else if (mode == Mode.USER) {
                model.remove(number);
            }
            model.put(number, value);
            nextId++;
            remember();
            settle(outcome);
        }

        private void delete() throws IOException {
            long number = mode == Mode.USER ? random.nextInt(8) : random.nextLong(Math.max(1, nextId));
            WriteOutcome outcome = namespace.delete(key(number), 1);
            assertThat(outcome instanceof Done).isEqualTo(model.remove(number) != null);
            if (outcome instanceof Done) {
                remember();
                settle(outcome);
            }
        }

        private void settle(WriteOutcome outcome) throws IOException {
            if (random.nextInt(3) == 0) {
                switch (outcome) {
                    case Done done -> done.commit().await();
                    case Unchanged unchanged -> unchanged.commit().await();
                    case Refused refused -> throw new AssertionError(refused);
                }
                durable();
            }
        }

        /** A jump, compaction or flush that does not get to its end. */
        private void interrupted() {
            files.stopAfter(random.nextInt(30));
            try {
                switch (random.nextInt(3)) {
                    case 0 -> namespace.jump();
                    case 1 -> compact();
                    default -> {
                        states.add(new State(List.of(), 0));
                        namespace.flush();
                    }
                }
            } catch (IOException e) {
                // that is what was asked for
            }
        }

        private void crash() throws IOException {
            if (random.nextBoolean()) {
                interrupted();
            }
            files = files.crash(random);
            for (int i = random.nextInt(3); i > 0; i--) {
                files.stopAfter(random.nextInt(20));
                try {
                    open();
                } catch (IOException e) {
                    // a start that does not get to its end
                }
                files = files.crash(random);
            }
            open();
            State found = state();
            assertThat(states).contains(found);
            model.clear();
            for (String entry : found.content()) {
                int equals = entry.indexOf('=');
                model.put(Long.valueOf(entry.substring(0, equals)), entry.substring(equals + 1));
            }
            nextId = namespace.nextId();
            states.clear();
            remember();
        }

        private State state() throws IOException {
            List<String> content = new ArrayList<>();
            List<String> backward = new ArrayList<>();
            for (ScanPage page = namespace.scan(null, false); page != null; page = namespace.scan(page.last(), false)) {
                for (ScanPage.Entry entry : page.entries()) {
                    content.add(shown(entry));
                }
            }
            for (ScanPage page = namespace.scan(null, true); page != null; page = namespace.scan(page.last(), true)) {
                for (ScanPage.Entry entry : page.entries()) {
                    backward.add(shown(entry));
                }
            }
            assertThat(backward.reversed()).isEqualTo(content);
            assertThat(namespace.entries()).isEqualTo(content.size());
            return new State(content, mode == Mode.SEQUENTIAL ? namespace.nextId() : 0);
        }

        private List<Long> keys() {
            return List.copyOf(model.keySet());
        }

        /** Keys of the records that are not flagged, in order of the files: what 0-db sees when it loads them. */
        private List<Long> unflagged() throws IOException {
            List<Long> keys = new ArrayList<>();
            for (int file = 0; file <= namespace.activeNumber(); file++) {
                ByteBuffer bytes = ByteBuffer.wrap(files.bytes(INDEX.resolve("n/i" + file)))
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN);
                assertThat((bytes.limit() - 29) % 42)
                        .as("bytes behind the last record of i%d", file)
                        .isZero();
                for (int at = 29; at < bytes.limit(); at += 42) {
                    if (!IndexFormat.record(bytes, at).deleted()) {
                        keys.add(bytes.getLong(at + 34));
                    }
                }
            }
            return keys;
        }

        private String shown(ScanPage.Entry entry) throws IOException {
            byte[] value = namespace.get(entry.key());
            assertThat(value).hasSize(entry.length());
            long number = ByteBuffer.wrap(entry.key())
                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            return number + "=" + new String(value, java.nio.charset.StandardCharsets.US_ASCII);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void aPowerCutLeavesTheStateAfterSomeWriteAndNothingDurableIsLost(Mode mode) throws IOException {
        run(mode, 0, 150);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource(Mode.class)
    void soDoThousandsOfPowerCuts(Mode mode) throws IOException {
        run(mode, 1000, 10_000);
    }

    private static void run(Mode mode, int from, int to) throws IOException {
        for (int seed = from; seed < to; seed++) {
            try {
                Run run = new Run(mode, seed);
                for (int step = 0; step < 60; step++) {
                    run.step();
                }
                assertThat(run.state()).isEqualTo(run.states.getLast());
                run.namespace.close();
                assertThat(run.unflagged()).isEqualTo(run.keys());
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }
}
