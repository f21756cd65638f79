package org.qsfs.stor.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.segment.SegmentId;

class FlowTest {
    @Test
    void memoryIsGivenInOrderAndGivenBack() throws Exception {
        MemoryBudget budget = new MemoryBudget(100 << 10);
        MemoryBudget.Reservation most = budget.reserve(90 << 10);
        assertThat(budget.used()).isEqualTo(90 << 10);
        assertThat(budget.reserve(20 << 10, Duration.ofMillis(10))).isNull();
        most.close();
        try (MemoryBudget.Reservation all = budget.reserve(1 << 30)) {
            assertThat(all).isNotNull();
            assertThat(budget.used()).as("more than there is gets all").isEqualTo(100 << 10);
        }
        assertThat(budget.used()).isZero();
    }

    @Test
    void backgroundWorkWaitsForReadsButNotForLong() throws Exception {
        ForegroundWork foreground = new ForegroundWork(Duration.ofMillis(200));
        foreground.begin();
        Instant start = Instant.now();
        foreground.yieldToReads();
        assertThat(Duration.between(start, Instant.now())).isGreaterThanOrEqualTo(Duration.ofMillis(190));
        CountDownLatch waited = new CountDownLatch(1);
        ForegroundWork patient = new ForegroundWork(Duration.ofMinutes(1));
        patient.begin();
        Thread.ofVirtual().start(() -> {
            try {
                patient.yieldToReads();
                waited.countDown();
            } catch (InterruptedException unexpected) {
                Thread.currentThread().interrupt();
            }
        });
        patient.end();
        assertThat(waited.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void oneAtATimeChangesASegment() throws Exception {
        SegmentLocks locks = new SegmentLocks();
        locks.lock(SegmentId.data(1, 1));
        assertThat(locks.tryLock(SegmentId.data(1, 1))).isFalse();
        assertThat(locks.tryLock(SegmentId.data(1, 2))).isTrue();
        CountDownLatch got = new CountDownLatch(1);
        Thread.ofVirtual().start(() -> {
            try {
                locks.lock(SegmentId.data(1, 1));
                got.countDown();
            } catch (InterruptedException unexpected) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(got.getCount()).isEqualTo(1);
        locks.unlock(SegmentId.data(1, 1));
        assertThat(got.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aClosedGateLetsNobodyInAndWaitsForThoseInside() {
        Gate gate = new Gate();
        assertThat(gate.enter()).isTrue();
        assertThat(gate.close(Duration.ofMillis(10))).isFalse();
        assertThat(gate.enter()).isFalse();
        gate.leave();
        assertThat(gate.close(Duration.ofMillis(10))).isTrue();
    }

    @Test
    void rateIsKeptAndCanBeChanged() throws Exception {
        RateLimit limit = new RateLimit(1 << 20);
        long start = System.nanoTime();
        for (int i = 0; i < 6; i++) {
            limit.acquire(100 << 10);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        // the last piece delays the next one, and a quarter of a second may be saved up
        assertThat(took).isBetween(Duration.ofMillis(200), Duration.ofSeconds(5));
        limit.acquire(1 << 30);
        Thread waiting = Thread.ofVirtual().start(() -> {
            try {
                limit.acquire(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(waiting.join(Duration.ofMillis(50))).isFalse();
        limit.change(0);
        assertThat(waiting.join(Duration.ofSeconds(10))).isTrue();
    }
}
