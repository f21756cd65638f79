package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.deletion.OrphanCounters;
import org.qsfs.stor.deletion.OrphanSchedule;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.Scenario;
import org.qsfs.stor.volume.HeadCopies;

@DisplayName("By itself, the collection of orphans")
class OrphanScheduleTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final ByteBuffer HEAD = ByteBuffer.wrap(HeadCopies.KEY.getBytes(StandardCharsets.US_ASCII));
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicReference<Instant> now = new AtomicReference<>(BEGIN);
    private final OrphanCounters counters = new OrphanCounters();
    private int runs;

    private OrphanSchedule schedule(Scenario volume, Duration every, OrphanSchedule.Collection collection)
            throws Exception {
        return new OrphanSchedule(
                volume.catalog(),
                SegmentCatalog.load(volume.catalog(), volume.lease()),
                volume.pool(),
                collection,
                counters,
                () -> every,
                new Random(1),
                now::get);
    }

    private void at(Duration sinceBegin) {
        now.set(BEGIN.plus(sinceBegin));
    }

    @Test
    @DisplayName("comes a day and up to a tenth of it after the last one, restarts or not")
    void daily() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            OrphanSchedule schedule = schedule(volume, DAY, () -> runs++);
            schedule.runDue();
            at(DAY.minusSeconds(1));
            schedule.runDue();
            assertThat(runs).as("a day after the volume was first looked at").isZero();
            at(Duration.ofHours(27));
            schedule.runDue();
            schedule.runDue();
            assertThat(runs).isEqualTo(1);
            OrphanSchedule afterRestart = schedule(volume, DAY, () -> runs++);
            at(Duration.ofHours(27 + 23));
            afterRestart.runDue();
            assertThat(runs).isEqualTo(1);
            assertThat(counters.snapshot().last()).contains(BEGIN.plus(Duration.ofHours(27)));
            at(Duration.ofHours(27 + 27));
            afterRestart.runDue();
            assertThat(runs).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("is not due at the same moment everywhere")
    void jitter() throws Exception {
        try (Scenario volume = given(volume(1, 1))) {
            schedule(volume, DAY, () -> runs++).runDue();
            at(DAY.plusSeconds(1));
            schedule(volume, DAY, () -> runs++).runDue();
            assertThat(runs).as("by the chance of this seed later").isZero();
        }
    }

    @Test
    @DisplayName("waits for backends that are away")
    void away() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            OrphanSchedule schedule = schedule(volume, DAY, () -> runs++);
            schedule.runDue();
            at(Duration.ofDays(3));
            volume.kill(1).awaitState(0, BackendState.DOWN);
            schedule.runDue();
            assertThat(runs).isZero();
            volume.heal();
            schedule.runDue();
            assertThat(runs).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("never comes when it is switched off")
    void off() throws Exception {
        try (Scenario volume = given(volume(1, 1))) {
            OrphanSchedule schedule = schedule(volume, Duration.ZERO, () -> runs++);
            schedule.runDue();
            at(Duration.ofDays(30));
            schedule.runDue();
            assertThat(runs).isZero();
            assertThat(volume.catalog().get("orphans/collected")).isEmpty();
        }
    }

    @Test
    @DisplayName("that is refused is counted, and tried again only when the next one is due")
    void refused() throws Exception {
        try (Scenario volume = given(volume(1, 1))) {
            OrphanSchedule schedule = schedule(volume, DAY, () -> {
                runs++;
                throw new StorException.Conflict("records may be missing");
            });
            schedule.runDue();
            at(Duration.ofDays(2));
            schedule.runDue();
            schedule.runDue();
            assertThat(runs).isEqualTo(1);
            assertThat(counters.snapshot().refused()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("deletes what no record names, and obeys what forbids it by hand")
    void inTheEngine() throws Exception {
        try (Scenario volume = given(volume(2, 4)
                .sequentialOn(backend -> false)
                .with(config -> config.with(config.healing()
                        .withRepairInterval(Duration.ofMillis(20))
                        .withGc(Duration.ofMillis(1)))))) {
            volume.write(1000).write(2000).publish(1);
            int values = volume.zdb(0).shards().size();
            assertThat(values).isEqualTo(2);
            volume.forget("head").forget(volume.last().catalogKey()).reopen();
            volume.await(
                    "it is refused while the catalog is set back",
                    () -> volume.engine().statistics().orphans().refused() > 1);
            assertThat(volume.zdb(0).shards()).hasSize(2);
            for (int backend = 0; backend < 4; backend++) {
                volume.zdb(backend).values().remove(HEAD);
            }
            volume.await(
                    "the orphans are gone",
                    () -> volume.zdb(0).shards().size() == 1
                            && volume.engine().statistics().orphans().deletedShards() == 4);
            assertThat(volume.engine().statistics().orphans().deletedBytes()).isPositive();
            assertThat(volume.record(SegmentId.data(1, 0)).state()).isEqualTo(StoredState.STORED);
        }
    }
}
