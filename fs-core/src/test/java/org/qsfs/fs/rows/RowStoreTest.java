package org.qsfs.fs.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.fs.FsException;
import org.qsfs.fs.journal.MemoryDirectory;

class RowStoreTest {
    private static final byte[] FROM = {};
    private static final byte[] TO = {(byte) 0xff, (byte) 0xff};

    @TempDir(factory = MemoryDirectory.class)
    Path directory;

    private final List<Row> history = new ArrayList<>();
    private final List<Integer> ends = new ArrayList<>(List.of(0));
    private final AtomicReference<Throwable> lost = new AtomicReference<>();
    private final TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    private volatile int replays;
    private boolean sourceFails;
    private RowStore store;

    @AfterEach
    void close() throws IOException {
        if (store != null) {
            store.close();
        }
    }

    private RowStoreConfig config(String boot) {
        return RowStoreConfig.of(directory, "aa", boot).withMemory(1, 1 << 20).withPatience(Duration.ofSeconds(20));
    }

    private byte[] replay(long through, RowSource.Sink sink) throws IOException {
        replays++;
        if (sourceFails) {
            throw new IOException("the journal cannot be read");
        }
        List<Row> rows;
        // whoever finds the damage replays, while the test goes on adding
        synchronized (history) {
            rows = List.copyOf(history.subList(0, ends.get((int) through)));
        }
        sink.apply(rows);
        return mark(through);
    }

    private static byte[] mark(long sequence) {
        return ByteBuffer.allocate(8).putLong(sequence).array();
    }

    private void open(String boot) throws IOException {
        store = RowStore.open(config(boot), this::replay, lost::set);
        byte[] mark = store.mark();
        long has = mark == null ? 0 : ByteBuffer.wrap(mark).getLong();
        int last = ends.size() - 1;
        for (int sequence = (int) has + 1; sequence <= last; sequence++) {
            store.load(history.subList(ends.get(sequence - 1), ends.get(sequence)), mark(sequence));
        }
        store.start(last, mark(last));
    }

    private void add(Row... rows) {
        long sequence = ends.size();
        synchronized (history) {
            history.addAll(List.of(rows));
            ends.add(history.size());
        }
        for (Row row : rows) {
            if (row.value() == null) {
                model.remove(row.key());
            } else {
                model.put(row.key(), row.value());
            }
        }
        store.add(new RowBatch(sequence, List.of(rows), mark(sequence)));
    }

    private static Row row(int key, int value) {
        return new Row(ByteBuffer.allocate(4).putInt(key).array(), new byte[] {(byte) value, 1, 2});
    }

    private static Row removal(int key) {
        return new Row(ByteBuffer.allocate(4).putInt(key).array(), null);
    }

    private void applyAll() throws FsException {
        long last = ends.size() - 1L;
        store.durable(last);
        store.awaitApplied(last);
    }

    private void assertIsModel() throws FsException {
        List<Row> expected = new ArrayList<>();
        model.forEach((key, value) -> expected.add(new Row(key, value)));
        List<Row> found = new ArrayList<>();
        RowCursor cursor = store.scan(FROM, TO);
        while (cursor.next()) {
            found.add(new Row(cursor.key(), cursor.value()));
        }
        assertThat(found).isEqualTo(expected);
        for (Row row : expected) {
            assertThat(store.get(row.key())).isEqualTo(row.value());
        }
    }

    @Test
    @DisplayName("keys are compared as unsigned bytes, and a prefix comes first")
    void order() throws Exception {
        open("boot");
        for (byte[] key : new byte[][] {{(byte) 0x80}, {0x7f}, {0x7f, 0}, {0x7f, (byte) 0xff}, {0}, {0, 0}}) {
            add(new Row(key, key));
        }
        assertIsModel();
        applyAll();
        assertIsModel();
    }

    @Test
    @DisplayName("the overlay hides the index, also what was removed, in scans of every length")
    void overlayOverIndex() throws Exception {
        open("boot");
        Random random = new Random(5);
        for (int round = 0; round < 30; round++) {
            for (int i = 0; i < 100; i++) {
                int key = random.nextInt(2000);
                add(random.nextInt(3) == 0 ? removal(key) : row(key, round));
            }
            assertIsModel();
            if (round % 3 == 0) {
                applyAll();
                assertIsModel();
            }
        }
    }

    @Test
    @DisplayName("what is not durable is not applied")
    void onlyDurable() throws Exception {
        open("boot");
        add(row(1, 1));
        add(row(2, 2));
        store.durable(1);
        store.awaitApplied(1);
        assertThat(store.overlayBytes()).isPositive();
        store.abandon();
        store = null;
        open("boot");
        // the process died: only what its page cache got counts, here nothing, and the journal has the rest
        assertIsModel();
    }

    @Test
    @DisplayName("an index that was closed is used again, also under another boot")
    void reuse() throws Exception {
        open("boot");
        add(row(1, 1), row(2, 2));
        applyAll();
        store.close();
        store = RowStore.open(config("other"), this::replay, lost::set);
        assertThat(store.mark()).isEqualTo(mark(1));
        store.start(1, mark(1));
        assertIsModel();
    }

    @Test
    @DisplayName("an index that was left open is used under the same boot only")
    void leftOpen() throws Exception {
        open("boot");
        add(row(1, 1));
        applyAll();
        store.abandon();
        store = RowStore.open(config("other"), this::replay, lost::set);
        assertThat(store.mark()).isNull();
        store.start(0, mark(0));
    }

    @Test
    @DisplayName("an index of another volume, or without its state file, is not used")
    void foreign() throws Exception {
        open("boot");
        add(row(1, 1));
        applyAll();
        store.close();
        RowStoreConfig foreign = new RowStoreConfig(
                directory, "bb", "boot", 1, 1 << 20, 1 << 20, Duration.ofSeconds(1), Duration.ofSeconds(20));
        store = RowStore.open(foreign, this::replay, lost::set);
        assertThat(store.mark()).isNull();
        store.start(0, mark(0));
        store.close();
        Files.delete(directory.resolve("state"));
        store = RowStore.open(foreign, this::replay, lost::set);
        assertThat(store.mark()).isNull();
        store.start(0, mark(0));
    }

    @Test
    @DisplayName("whatever bit of the index file is flipped, reads are right or the index is built again")
    void flippedBits() throws Exception {
        open("boot");
        for (int i = 0; i < 3000; i++) {
            add(row(i * 7919 % 5000, i));
        }
        applyAll();
        store.close();
        Path file = directory.resolve("rows.mv");
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(11);
        for (int round = 0; round < 60; round++) {
            byte[] damaged = whole.clone();
            int at = random.nextInt(damaged.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);
            open("boot");
            try {
                assertIsModel();
            } catch (AssertionError e) {
                throw new AssertionError("bit in byte " + at + " of " + damaged.length, e);
            }
            assertThat(lost.get()).isNull();
            store.close();
        }
        store = null;
    }

    private static final int LARGE = 20_000;

    /** More rows than the cache of the index holds, so that reads go to the file; then the file is overwritten under the store. */
    private void destroyWhileOpen() throws Exception {
        byte[] value = new byte[200];
        for (int i = 0; i < LARGE; i += 100) {
            Row[] rows = new Row[100];
            for (int j = 0; j < 100; j++) {
                rows[j] = new Row(row(i + j, 0).key(), value);
            }
            add(rows);
            applyAll();
        }
        store.close();
        open("boot");
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("rows.mv").toFile(), "rw")) {
            file.seek(8192);
            file.write(new byte[(int) file.length() - 8192]);
        }
    }

    @Test
    @DisplayName("an index that is destroyed is built again while many read and write")
    void rebuildUnderLoad() throws Exception {
        open("boot");
        destroyWhileOpen();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> counts = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int start = i * 100;
                counts.add(readers.submit(() -> countFrom(start)));
            }
            add(row(LARGE, 9));
            for (int i = 0; i < 8; i++) {
                assertThat(counts.get(i).get(20, TimeUnit.SECONDS)).isBetween(LARGE - i * 100, LARGE + 1 - i * 100);
            }
        }
        assertThat(replays).isPositive();
        applyAll();
        assertIsModel();
    }

    private int countFrom(int start) throws FsException {
        int count = 0;
        RowCursor cursor = store.scan(row(start, 0).key(), TO);
        while (cursor.next()) {
            count++;
        }
        return count;
    }

    @Test
    @DisplayName("when the index cannot be built again reads fail and the volume is told")
    void lostForGood() throws Exception {
        open("boot");
        destroyWhileOpen();
        sourceFails = true;
        assertThatThrownBy(() -> countFrom(0))
                .isInstanceOf(FsException.class)
                .hasMessageContaining("the index is lost")
                .hasMessageContaining("the journal cannot be read");
        assertThatThrownBy(() -> store.get(row(1, 1).key())).hasMessageContaining("the index is lost");
        assertThat(lost.get()).hasMessageContaining("the journal cannot be read");
    }

    @Test
    @DisplayName("a scan meets each row that does not change once, whatever the applier does")
    void scanWhileApplying() throws Exception {
        open("boot");
        for (int i = 0; i < 2000; i += 2) {
            add(row(i, 1));
        }
        AtomicBoolean stop = new AtomicBoolean();
        Callable<Integer> scans = () -> {
            int done = 0;
            while (!stop.get()) {
                int even = -2;
                RowCursor cursor = store.scan(FROM, TO);
                while (cursor.next()) {
                    int key = ByteBuffer.wrap(cursor.key()).getInt();
                    if (key % 2 == 0) {
                        assertThat(key).isEqualTo(even + 2);
                        even = key;
                    }
                }
                assertThat(even).isEqualTo(1998);
                done++;
            }
            return done;
        };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> first = threads.submit(scans);
            Future<Integer> second = threads.submit(scans);
            Random random = new Random(3);
            for (int i = 0; i < 20_000; i++) {
                int odd = random.nextInt(1000) * 2 + 1;
                add(random.nextBoolean() ? row(odd, i) : removal(odd));
                if (i % 50 == 0) {
                    store.durable(ends.size() - 1L);
                }
            }
            stop.set(true);
            assertThat(first.get(20, TimeUnit.SECONDS)).isPositive();
            assertThat(second.get(20, TimeUnit.SECONDS)).isPositive();
        }
        assertIsModel();
    }

    @Test
    @DisplayName("writers wait for the applier when the overlay is full, and no longer than their patience")
    void backpressure() throws Exception {
        store = RowStore.open(
                config("boot").withMemory(1, 4096).withPatience(Duration.ofMillis(200)), this::replay, lost::set);
        store.start(0, mark(0));
        while (!store.full()) {
            add(row(ends.size(), 1));
        }
        assertThatThrownBy(() -> store.awaitRoom()).hasMessageContaining("no room for new rows");
        store.durable(ends.size() - 1L);
        store.awaitRoom();
        assertThat(store.full()).isFalse();
    }

    @Test
    @DisplayName("a snapshot stays as it was while rows change")
    void snapshot() throws Exception {
        open("boot");
        for (int i = 0; i < 1500; i++) {
            add(row(i, 1));
        }
        applyAll();
        try (RowSnapshot snapshot = store.snapshot()) {
            for (int i = 0; i < 1500; i++) {
                add(i % 2 == 0 ? removal(i) : row(i, 2));
            }
            add(row(5000, 5));
            applyAll();
            List<Row> rows = snapshot.rows(FROM, 10_000);
            assertThat(rows).hasSize(1500).allMatch(row -> row.value()[0] == 1);
            assertThat(snapshot.mark()).isEqualTo(mark(1500));
            snapshot.requireSize(1500);
        }
        assertIsModel();
    }
}
