package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.FaultProxy.Fault;
import org.qsfs.stor.testing.Scenario;

@DisplayName("While backends fail at random")
class ChaosTest {
    private static final int BACKENDS = 6;

    @Test
    @DisplayName("what was stored is read right or not at all, and in the end everything is whole")
    void someSeconds() throws Exception {
        run(Duration.ofSeconds(4));
    }

    @Test
    @Tag("long")
    @DisplayName("the same for longer")
    void aMinute() throws Exception {
        run(Duration.ofMinutes(1));
    }

    private static void run(Duration time) throws Exception {
        long seed = Long.getLong("qsfs.test.seed", System.nanoTime());
        System.out.println("chaos seed " + seed + " (-Dqsfs.test.seed)");
        Random random = new Random(seed);
        long end = System.nanoTime() + time.toNanos();
        try (Scenario volume = given(volume(2, 4).onBackends(BACKENDS).withBackends(Deadlines::hasty))) {
            Work work = new Work(volume);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                long own = random.nextLong();
                threads.add(Thread.ofVirtual().start(() -> work.until(end, new Random(own))));
            }
            while (System.nanoTime() < end) {
                disturb(volume, random);
                pause(random.nextInt(200));
            }
            for (Thread thread : threads) {
                assertThat(thread.join(Duration.ofSeconds(60))).as("work ends").isTrue();
            }
            assertThat(work.failure).isEmpty();
            System.out.println("stored " + work.stored + ", reads " + work.reads + ", refused " + work.refused + ", "
                    + volume.engine().statistics());
            volume.heal().expectNothingForgotten();
            volume.engine().repairAll();
            for (SegmentId id : work.segments.keySet()) {
                assertThat(volume.record(id).state()).isEqualTo(StoredState.STORED);
                assertThat(volume.read(id, 0, work.segments.get(id).length)).isEqualTo(work.segments.get(id));
            }
        }
    }

    /** At most n − k backends are in trouble at once. */
    private static void disturb(Scenario volume, Random random) {
        for (int i = 0; i < 2; i++) {
            Fault fault = switch (random.nextInt(6)) {
                case 0 -> new Fault.Refuse();
                case 1 -> new Fault.HalfOpen();
                case 2 -> new Fault.CutAfter(random.nextInt(200_000));
                case 3 -> new Fault.Corrupt(1 + random.nextInt(100_000));
                case 4 -> new Fault.Delay(Duration.ofMillis(random.nextInt(50)));
                default -> new Fault.None();
            };
            int backend = 3 * i + random.nextInt(3);
            for (int other = 3 * i; other < 3 * i + 3; other++) {
                if (other != backend) {
                    volume.inject(other, new Fault.None());
                }
            }
            volume.inject(backend, fault);
        }
    }

    private static void pause(int millis) {
        java.util.concurrent.locks.LockSupport.parkNanos(
                Duration.ofMillis(millis).toNanos());
    }

    /** Stores, reads, repairs and deletes. */
    private static final class Work {
        /** The backends keep everything in the memory of the test. */
        private static final int MOST_SEGMENTS = 150;

        private final Scenario volume;
        private final ConcurrentHashMap<SegmentId, byte[]> segments = new ConcurrentHashMap<>();
        private final AtomicInteger numbers = new AtomicInteger();
        private final AtomicInteger stored = new AtomicInteger();
        private final AtomicInteger reads = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
        private final List<Throwable> failure = new java.util.concurrent.CopyOnWriteArrayList<>();
        private final AtomicBoolean filing = new AtomicBoolean();

        Work(Scenario volume) {
            this.volume = volume;
        }

        void until(long end, Random random) {
            try {
                while (System.nanoTime() < end && failure.isEmpty()) {
                    try {
                        step(random);
                    } catch (StorException expected) {
                        refused.incrementAndGet();
                    }
                }
            } catch (IOException | RuntimeException | AssertionError wrong) {
                failure.add(wrong);
            }
        }

        private void step(Random random) throws IOException {
            int choice = random.nextInt(20);
            List<SegmentId> known = List.copyOf(segments.keySet());
            boolean room = known.size() < MOST_SEGMENTS;
            if ((choice < 6 && room) || known.isEmpty()) {
                SegmentId id = SegmentId.data(1, numbers.getAndIncrement());
                Path file = file(id, 1 + random.nextInt(5 * Scenario.STRIPE));
                volume.engine().store(id, file);
                segments.put(id, volume.content(id));
                stored.incrementAndGet();
            } else if (choice < 18) {
                SegmentId id = known.get(random.nextInt(known.size()));
                byte[] content = volume.content(id);
                int offset = random.nextInt(content.length);
                int length = 1 + random.nextInt(content.length - offset);
                ByteBuffer dst = ByteBuffer.allocate(length);
                volume.engine().read(id, offset, dst);
                assertThat(dst.array()).isEqualTo(Arrays.copyOfRange(content, offset, offset + length));
                reads.incrementAndGet();
            } else if (choice < 19) {
                volume.engine().repairAll();
            } else {
                volume.engine().confirmStored(known.get(random.nextInt(known.size())));
            }
        }

        private Path file(SegmentId id, int length) throws IOException {
            synchronized (filing) {
                return volume.file(id, length);
            }
        }
    }
}
