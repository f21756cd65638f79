package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.read.ReadSettings;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.FaultProxy.Fault;
import org.qsfs.stor.testing.Scenario;

@DisplayName("With several at work at once")
class ConcurrencyTest {
    @Test
    @DisplayName("many readers of a stripe cause one fetch")
    void singleFlight() throws Exception {
        try (Scenario volume = given(volume(2, 4));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            volume.write(Scenario.STRIPE);
            for (int backend = 0; backend < 4; backend++) {
                volume.inject(backend, new Fault.Delay(Duration.ofMillis(100)));
            }
            List<Future<byte[]>> reads = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                reads.add(threads.submit(() -> volume.read(volume.last(), 0, Scenario.STRIPE)));
            }
            for (Future<byte[]> read : reads) {
                assertThat(read.get()).isEqualTo(volume.content(volume.last()));
            }
            // nothing is kept in memory here, so a reader that came late fetches again
            assertThat(volume.engine().statistics().reads().stripes()).isBetween(1L, 5L);
        }
    }

    @Test
    @DisplayName("a stripe read twice is fetched once while it fits in the cache")
    void cached() throws Exception {
        try (Scenario volume = given(volume(2, 4).with(ConcurrencyTest::withCache))) {
            volume.write(4 * Scenario.STRIPE);
            // the first ones return before the rest of their stripes has come
            volume.await("stripes are kept", () -> hitsAfterReading(volume) >= 8);
            assertThat(volume.engine().statistics().reads().stripes()).isEqualTo(2);
            volume.expectReadable();
        }
    }

    private static long hitsAfterReading(Scenario volume) {
        try {
            volume.read(volume.last(), 10, 100);
            volume.read(volume.last(), 2L * Scenario.STRIPE, 100);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
        return volume.engine().statistics().reads().cacheHits();
    }

    @Test
    @DisplayName("a sequential reader finds the next stripes there already, others cause no extra fetches")
    void readAhead() throws Exception {
        try (Scenario volume = given(volume(2, 4)
                .with(config -> config.with(new ReadSettings(
                        config.reads().deadline(),
                        config.reads().patience(),
                        config.reads().shortestHedge(),
                        config.reads().hedgePercent(),
                        4 * Scenario.STRIPE))))) {
            volume.write(12 * Scenario.STRIPE);
            byte[] expected = volume.content(volume.last());
            for (int stripe : new int[] {9, 2, 7, 0, 5}) {
                volume.read(volume.last(), (long) stripe * Scenario.STRIPE, 100);
            }
            assertThat(volume.engine().statistics().reads().readAhead())
                    .as("for jumps")
                    .isZero();
            for (int at = 0; at < 12 * Scenario.STRIPE; at += Scenario.STRIPE / 2) {
                long before = volume.engine().statistics().reads().readAhead();
                assertThat(volume.read(volume.last(), at, Scenario.STRIPE / 2))
                        .isEqualTo(java.util.Arrays.copyOfRange(expected, at, at + Scenario.STRIPE / 2));
                assertThat(volume.engine().statistics().reads().readAhead() - before)
                        .isLessThanOrEqualTo(2);
            }
            assertThat(volume.engine().statistics().reads().readAhead()).isBetween(5L, 20L);
            assertThat(volume.engine().statistics().reads().stripes())
                    .as("fetched once, but for what was dropped before it was asked for")
                    .isLessThanOrEqualTo(5 + 12 + 2);
        }
    }

    @Test
    @DisplayName("segments are stored, read, repaired and deleted side by side")
    void mixed() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(6));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> stores = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                SegmentId id = SegmentId.data(1, i);
                Path file = volume.file(id, 100_000 + i);
                stores.add(threads.submit(() -> volume.engine().store(id, file)));
                stores.add(threads.submit(() -> {
                    volume.engine().repairAll();
                    return null;
                }));
            }
            for (Future<?> store : stores) {
                store.get();
            }
            volume.expectState(StoredState.STORED).expectReadable();
            List<Future<Boolean>> deletes = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                SegmentId id = SegmentId.data(1, i);
                deletes.add(threads.submit(() -> volume.engine().delete(id)));
            }
            for (Future<Boolean> delete : deletes) {
                assertThat(delete.get()).isTrue();
            }
            for (int backend = 0; backend < 6; backend++) {
                assertThat(volume.zdb(backend).shards()).isEmpty();
            }
        }
    }

    @Test
    @DisplayName("an interrupted upload ends soon, and can be done again")
    void interrupted() throws Exception {
        try (Scenario volume = given(volume(2, 4).withBackends(Deadlines::patient))) {
            SegmentId id = SegmentId.data(1, 0);
            Path file = volume.file(id, 10 * Scenario.STRIPE);
            for (int backend = 0; backend < 4; backend++) {
                volume.inject(backend, new Fault.HalfOpen());
            }
            AtomicReference<Throwable> outcome = new AtomicReference<>();
            Thread storing = Thread.ofVirtual().start(() -> {
                try {
                    volume.engine().store(id, file);
                } catch (IOException failed) {
                    outcome.set(failed);
                }
            });
            volume.await(
                    "the upload is under way",
                    () -> !volume.engine().statistics().running().isEmpty());
            storing.interrupt();
            assertThat(storing.join(Duration.ofSeconds(10))).isTrue();
            assertThat(outcome.get()).isInstanceOf(InterruptedIOException.class);
            volume.restore().reopen();
            volume.engine().store(id, file);
            volume.expectState(StoredState.STORED).expectReadable();
        }
    }

    @Test
    @DisplayName("closing ends within its deadline while backends hang, and later calls are refused")
    void closing() throws Exception {
        try (Scenario volume = given(volume(2, 4).withBackends(Deadlines::patient));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            SegmentId id = SegmentId.data(1, 0);
            Path file = volume.file(id, 10 * Scenario.STRIPE);
            for (int backend = 0; backend < 4; backend++) {
                volume.inject(backend, new Fault.HalfOpen());
            }
            Future<?> storing = threads.submit(() -> volume.engine().store(id, file));
            volume.await(
                    "the upload is under way",
                    () -> !volume.engine().statistics().running().isEmpty());
            Instant start = Instant.now();
            volume.engine().close();
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(6));
            assertThatThrownBy(storing::get).hasCauseInstanceOf(IOException.class);
            assertThatThrownBy(() -> volume.engine().head()).isInstanceOf(StorException.NotWriter.class);
        }
    }

    @Test
    @DisplayName("a slow backend is avoided, and second requests stay within their share")
    void hedges() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(40 * Scenario.STRIPE);
            for (int stripe = 0; stripe < 40; stripe++) {
                volume.read(volume.last(), (long) stripe * Scenario.STRIPE, 10);
            }
            int slow = volume.backendOf(volume.last(), 0);
            volume.inject(slow, new Fault.Delay(Duration.ofMillis(150)));
            long slowBytes = volume.proxy(slow).answeredBytes();
            var before = volume.engine().statistics().reads();
            for (int round = 0; round < 3; round++) {
                for (int stripe = 0; stripe < 40; stripe++) {
                    volume.read(volume.last(), (long) stripe * Scenario.STRIPE, 10);
                }
            }
            var after = volume.engine().statistics().reads();
            assertThat(after.hedges() - before.hedges()).isLessThanOrEqualTo(1 + (40 + 120) * 5 / 100);
            long read = after.shardBytes() - before.shardBytes();
            assertThat(volume.proxy(slow).answeredBytes() - slowBytes)
                    .as("bytes from the slow backend, of %d in all", read)
                    .isLessThan(read / 8);
        }
    }

    private static StorConfig withCache(StorConfig config) {
        ReadSettings reads = config.reads();
        return config.with(new ReadSettings(
                reads.deadline(), reads.patience(), reads.shortestHedge(), reads.hedgePercent(), 2 * Scenario.STRIPE));
    }
}
