package org.qsfs.fs.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.Interruption;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StripeLayout;

@DisplayName("The stripe cache")
class StripeCacheTest {
    private static final int STRIPE = 4096;
    private static final int LENGTH = 10 * STRIPE + 123;
    private static final StripeLayout LAYOUT = new StripeLayout(LENGTH, STRIPE);

    @TempDir
    Path directory;

    private final Map<SegmentId, byte[]> stored = new HashMap<>();
    private final List<String> fetched = new ArrayList<>();
    private final Map<SegmentId, byte[]> completed = new ConcurrentHashMap<>();
    private volatile boolean ready = true;

    @BeforeEach
    void segments() {
        for (int i = 0; i < 3; i++) {
            byte[] bytes = new byte[LENGTH];
            new Random(i).nextBytes(bytes);
            stored.put(SegmentId.data(1, i), bytes);
        }
    }

    private StripeCache cache(long capacity) throws IOException {
        return new StripeCache(
                directory.resolve("cache"),
                capacity,
                (id, offset, dst) -> {
                    synchronized (fetched) {
                        fetched.add(id.number() + "/" + offset / STRIPE);
                    }
                    dst.put(stored.get(id), (int) offset, dst.remaining());
                },
                new StripeCache.Receiver() {
                    @Override
                    public boolean ready() {
                        return ready;
                    }

                    @Override
                    public void complete(SegmentId id, Path file) throws IOException {
                        completed.put(id, Files.readAllBytes(file));
                        Files.delete(file);
                    }
                });
    }

    private void expect(StripeCache cache, int segment, int offset, int length) throws IOException {
        ByteBuffer dst = ByteBuffer.allocate(length);
        cache.read(SegmentId.data(1, segment), LAYOUT, offset, dst);
        assertThat(dst.array())
                .isEqualTo(Arrays.copyOfRange(stored.get(SegmentId.data(1, segment)), offset, offset + length));
    }

    @Test
    @DisplayName("fetches the stripes that a read touches, once, and no others")
    void stripesOnly() throws IOException {
        try (StripeCache cache = cache(Long.MAX_VALUE)) {
            expect(cache, 0, STRIPE + 10, 20);
            expect(cache, 0, STRIPE + 30, 4000);
            expect(cache, 0, STRIPE, STRIPE);
            assertThat(fetched).containsExactly("0/1");
            expect(cache, 0, 3 * STRIPE - 1, STRIPE + 2);
            assertThat(fetched).containsExactly("0/1", "0/2", "0/3", "0/4");
            expect(cache, 0, LENGTH - 5, 5);
            assertThat(fetched).endsWith("0/10");
        }
    }

    @Test
    @DisplayName("hands a segment out when its last stripe has come, and reads it again when asked again")
    void complete() throws IOException {
        try (StripeCache cache = cache(Long.MAX_VALUE)) {
            expect(cache, 1, 0, 5 * STRIPE);
            assertThat(completed).isEmpty();
            expect(cache, 1, 5 * STRIPE, LENGTH - 5 * STRIPE);
            assertThat(completed).containsOnlyKeys(SegmentId.data(1, 1));
            assertThat(completed.get(SegmentId.data(1, 1))).isEqualTo(stored.get(SegmentId.data(1, 1)));
            assertThat(cache.bytes()).isZero();
            expect(cache, 1, 7, 9);
            assertThat(fetched).endsWith("1/0");
        }
    }

    @Test
    @DisplayName("keeps a whole segment as long as nobody can take it")
    void nobodyReady() throws IOException {
        ready = false;
        try (StripeCache cache = cache(Long.MAX_VALUE)) {
            expect(cache, 1, 0, LENGTH);
            fetched.clear();
            expect(cache, 1, 0, LENGTH);
            assertThat(fetched).isEmpty();
            assertThat(completed).isEmpty();
        }
    }

    @Test
    @DisplayName("drops the least recently read segment when it is over its capacity")
    void capacity() throws IOException {
        try (StripeCache cache = cache(2 * STRIPE)) {
            expect(cache, 0, 0, 1);
            expect(cache, 1, 0, 1);
            expect(cache, 0, 0, 1);
            expect(cache, 2, 0, 1);
            assertThat(cache.bytes()).isEqualTo(2 * STRIPE);
            fetched.clear();
            expect(cache, 0, 0, 1);
            assertThat(fetched).isEmpty();
            expect(cache, 1, 0, 1);
            assertThat(fetched).containsExactly("1/0");
        }
    }

    @Test
    @DisplayName("is empty after a restart and leaves no files behind")
    void restart() throws IOException {
        StripeCache first = cache(Long.MAX_VALUE);
        expect(first, 0, 0, 1);
        // not closed: the process was killed
        try (StripeCache second = cache(Long.MAX_VALUE)) {
            expect(second, 0, 0, 1);
            assertThat(fetched).containsExactly("0/0", "0/0");
        }
        assertThat(directory.resolve("cache")).isEmptyDirectory();
    }

    @Test
    @DisplayName(
            "lets an interrupted reader go and the read go on; no more are under way at once than there is memory for")
    @Timeout(60)
    void interrupted() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger underWay = new AtomicInteger();
        BackendReads reads = new BackendReads(
                (id, offset, dst) -> {
                    underWay.incrementAndGet();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    dst.put(stored.get(id), (int) offset, dst.remaining());
                },
                2);
        Interruption interruption = new Interruption(Interruption.Watch.NOTHING);
        CountDownLatch left = new CountDownLatch(3);
        Thread reader = Thread.ofPlatform()
                .start(() -> interruption.during(() -> {
                    for (int request = 1; request <= 3; request++) {
                        interruption.begin(request);
                        assertThatThrownBy(() -> reads.read(SegmentId.data(1, 0), 0, STRIPE))
                                .isInstanceOfSatisfying(
                                        FsException.class,
                                        e -> assertThat(e.errno()).isEqualTo(Errno.EINTR));
                        interruption.end();
                        left.countDown();
                    }
                }));
        while (left.getCount() > 0) {
            interruption.interrupt(4 - left.getCount());
            Thread.onSpinWait();
        }
        reader.join();
        assertThat(underWay.get()).isLessThanOrEqualTo(2);
        release.countDown();
        ByteBuffer read = reads.read(SegmentId.data(1, 1), STRIPE, STRIPE);
        assertThat(read).isEqualTo(ByteBuffer.wrap(stored.get(SegmentId.data(1, 1)), STRIPE, STRIPE));
    }

    @Test
    @DisplayName("refuses ranges outside of the segment")
    void range() throws IOException {
        try (StripeCache cache = cache(Long.MAX_VALUE)) {
            assertThatThrownBy(() -> expect(cache, 0, LENGTH - 1, 2)).hasMessageContaining("it has " + LENGTH);
        }
    }

    @Test
    @DisplayName("gives many readers right bytes while segments complete and are dropped")
    void concurrent() throws Exception {
        try (StripeCache cache = cache(3 * STRIPE);
                ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int reader = 0; reader < 8; reader++) {
                Random random = new Random(reader);
                all.add(readers.submit(() -> {
                    for (int i = 0; i < 300; i++) {
                        int offset = random.nextInt(LENGTH - 1);
                        expect(
                                cache,
                                random.nextInt(3),
                                offset,
                                1 + random.nextInt(Math.min(LENGTH - offset, 3 * STRIPE)));
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }
}
