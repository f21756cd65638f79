package org.qsfs.fs.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.segment.SegmentId;

@DisplayName("The upload queue")
class UploadQueueTest {
    private final BlockingQueue<SegmentId> stored = new LinkedBlockingQueue<>();

    @Test
    @DisplayName("stores oldest data first, then the journal")
    void order() throws InterruptedException {
        CountDownLatch open = new CountDownLatch(1);
        try (UploadQueue queue = new UploadQueue(1, id -> await(open), stored::add)) {
            queue.add(SegmentId.data(1, 5), 10);
            for (SegmentId id :
                    List.of(SegmentId.meta(1, 0), SegmentId.data(1, 7), SegmentId.data(1, 6), SegmentId.data(1, 6))) {
                queue.add(id, 10);
            }
            open.countDown();
            assertThat(next()).isEqualTo(SegmentId.data(1, 5));
            assertThat(next()).isEqualTo(SegmentId.data(1, 6));
            assertThat(next()).isEqualTo(SegmentId.data(1, 7));
            assertThat(next()).isEqualTo(SegmentId.meta(1, 0));
        }
    }

    @Test
    @DisplayName("a worker survives running out of memory, and the segment is stored by the next try")
    void outOfMemory() throws InterruptedException {
        AtomicInteger tries = new AtomicInteger();
        try (UploadQueue queue = new UploadQueue(
                1,
                id -> {
                    if (tries.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("Java heap space (thrown by the test)");
                    }
                },
                stored::add)) {
            queue.add(SegmentId.data(1, 5), 10);
            UploadQueue.Backlog backlog = queue.backlog();
            while (backlog.failure() == null) {
                queue.awaitChange(Duration.ofMillis(20));
                backlog = queue.backlog();
            }
            assertThat(backlog.failure()).contains("Java heap space");
            queue.hurry();
            assertThat(next()).isEqualTo(SegmentId.data(1, 5));
            queue.add(SegmentId.data(1, 6), 10);
            assertThat(next()).as("the only worker is still there").isEqualTo(SegmentId.data(1, 6));
        }
    }

    @Test
    @DisplayName("waits for its hours, unless somebody waits for a segment or too much is queued")
    void hours() throws InterruptedException {
        try (UploadQueue queue = new UploadQueue(1, id -> {}, stored::add, bytes -> bytes > 100)) {
            queue.add(SegmentId.data(1, 1), 10);
            queue.awaitChange(Duration.ofMillis(100));
            assertThat(stored).as("stored out of hours").isEmpty();
            queue.hurry();
            assertThat(next()).isEqualTo(SegmentId.data(1, 1));
            queue.add(SegmentId.data(1, 2), 60);
            queue.awaitChange(Duration.ofMillis(50));
            assertThat(stored).isEmpty();
            queue.add(SegmentId.data(1, 3), 60);
            assertThat(next()).as("until there is room again").isEqualTo(SegmentId.data(1, 2));
            queue.awaitChange(Duration.ofMillis(50));
            assertThat(queue.backlog().segments()).isEqualTo(1);
        }
        UploadHours night = UploadHours.parse("22:00-06:00").orElseThrow();
        assertThat(night.contains(LocalTime.of(23, 0))).isTrue();
        assertThat(night.contains(LocalTime.of(5, 59))).isTrue();
        assertThat(night.contains(LocalTime.of(6, 0))).isFalse();
        assertThat(UploadHours.parse("06:00-22:00").orElseThrow().contains(LocalTime.of(23, 0)))
                .isFalse();
        assertThat(UploadHours.ALWAYS.contains(LocalTime.NOON)).isTrue();
        assertThat(UploadHours.parse("6-22")).isEmpty();
    }

    @Test
    @DisplayName("tries again after a failure and tells what failed meanwhile")
    void retry() throws InterruptedException {
        AtomicInteger tries = new AtomicInteger();
        try (UploadQueue queue = new UploadQueue(
                2,
                id -> {
                    if (tries.incrementAndGet() < 3) {
                        throw new IOException("no backend answers");
                    }
                },
                stored::add)) {
            queue.add(SegmentId.data(1, 5), 10);
            UploadQueue.Backlog backlog = queue.backlog();
            while (backlog.failure() == null) {
                queue.awaitChange(Duration.ofMillis(20));
                backlog = queue.backlog();
            }
            assertThat(backlog.failure()).contains("data/5@1").contains("no backend answers");
            assertThat(backlog.bytes()).isEqualTo(10);
            while (stored.isEmpty()) {
                queue.hurry();
                queue.awaitChange(Duration.ofMillis(20));
            }
            assertThat(next()).isEqualTo(SegmentId.data(1, 5));
            assertThat(tries).hasValue(3);
        }
    }

    @Test
    @DisplayName("gives up an attempt under way when it is closed")
    void close() {
        CountDownLatch begun = new CountDownLatch(1);
        UploadQueue queue = new UploadQueue(
                1,
                id -> {
                    begun.countDown();
                    await(new CountDownLatch(1));
                },
                stored::add);
        queue.add(SegmentId.data(1, 0), 1);
        await(begun);
        queue.close();
        assertThat(stored).isEmpty();
    }

    private SegmentId next() throws InterruptedException {
        return stored.poll(10, TimeUnit.SECONDS);
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the test waits for ever");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
