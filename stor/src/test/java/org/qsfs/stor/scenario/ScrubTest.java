package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.scrub.ScrubReport;
import org.qsfs.stor.scrub.ScrubScope;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.Scenario;

@DisplayName("A scrub")
class ScrubTest {
    private static final int LENGTH = 5 * Scenario.STRIPE + 5;

    @Test
    @DisplayName("finds flips in every shard position, parity included, and has them repaired to the same bytes")
    void everyPosition() throws Exception {
        try (Scenario volume = given(volume(4, 6))) {
            volume.write(LENGTH);
            List<Map<ByteBuffer, byte[]>> before = contents(volume);
            for (int stripe = 0; stripe < 6; stripe++) {
                flip(volume, stripe, stripe);
                flip(volume, stripe, (stripe + 1) % 6);
            }
            ScrubReport report = volume.scrub(CheckDepth.READ);
            assertThat(report.damagedShards()).isEqualTo(6);
            assertThat(report.damaged())
                    .extracting(ScrubReport.Damaged::shard)
                    .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
            assertThat(report.damaged())
                    .allSatisfy(damaged -> assertThat(damaged.values()).isEqualTo(2));
            assertThat(report.repairedSegments()).isEqualTo(1);
            assertThat(report.unrepairedSegments()).isZero();
            assertThat(contents(volume))
                    .usingRecursiveComparison()
                    .as("every value of every shard")
                    .isEqualTo(before);
            volume.expectState(StoredState.STORED);
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isZero();
        }
    }

    @Test
    @DisplayName("that only asks the backends finds what is missing without fetching anything")
    void check() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            volume.zdb(2).shards().keySet().forEach(volume.zdb(2).values()::remove);
            ScrubReport report = volume.scrub(CheckDepth.CHECK);
            assertThat(report.damagedShards()).isEqualTo(1);
            assertThat(report.bytes()).isZero();
            assertThat(report.repairedSegments()).isEqualTo(1);
            assertThat(volume.zdb(2).shards()).hasSize(6);
        }
    }

    @Test
    @DisplayName("of all parts looks at each segment once")
    void parts() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            for (int i = 0; i < 7; i++) {
                volume.write(100);
            }
            long segments = 0;
            for (int part = 1; part <= 3; part++) {
                segments += volume.engine()
                        .scrub(new ScrubScope(CheckDepth.CHECK, part, 3), (done, total) -> {})
                        .segments();
            }
            assertThat(segments).isEqualTo(7);
            assertThatThrownBy(() -> new ScrubScope(CheckDepth.CHECK, 8, 7)).hasMessageContaining("8/7");
        }
    }

    @Test
    @DisplayName("counts what it could not look at, and tells how far it is")
    void unreachable() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH).write(LENGTH).kill(1).awaitState(0, BackendState.DOWN);
            List<Long> steps = new ArrayList<>();
            ScrubReport report = volume.engine()
                    .scrub(ScrubScope.all(CheckDepth.READ), (done, total) -> steps.add(done * 10 + total));
            assertThat(report.unreachableShards()).isEqualTo(2);
            assertThat(report.shards()).isEqualTo(6);
            assertThat(report.damagedShards()).isZero();
            assertThat(steps).containsExactly(2L, 12L, 22L);
            volume.expectState(StoredState.STORED);
        }
    }

    @Test
    @DisplayName("of a segment with too few good shards goes on with the others and says so")
    void beyondRepair() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH).write(LENGTH);
            SegmentId lost = volume.last();
            for (int shard = 0; shard < 3; shard++) {
                flip(volume, 1, shard);
            }
            SegmentId other = SegmentId.data(lost.epoch(), 0);
            volume.zdb(volume.backendOf(other, 0)).lose(volume.record(other).attempt());
            ScrubReport report = volume.scrub(CheckDepth.READ);
            assertThat(report.repairedSegments()).isEqualTo(1);
            assertThat(report.unrepairedSegments()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("comes by itself when it is due, and after a restart only when it is due again")
    void schedule() throws Exception {
        try (Scenario volume = given(volume(2, 4)
                .with(config -> config.with(config.healing()
                        .withRepairInterval(Duration.ofMillis(50))
                        .withScrubs(Duration.ofDays(1), Duration.ofDays(30)))))) {
            volume.await(
                    "the first scrubs of the empty volume",
                    () -> has(volume, "scrub/check") && has(volume, "scrub/read"));
            volume.write(LENGTH);
            flip(volume, 1, 3);
            volume.reopen();
            volume.engine().repairAll();
            assertThat(volume.engine().statistics().repairedSegments())
                    .as("not due again")
                    .isZero();
            volume.forget("scrub/read");
            volume.await(
                    "the flip is repaired", () -> volume.engine().statistics().repairedSegments() == 1);
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isZero();
        }
    }

    private static boolean has(Scenario volume, String key) {
        // 19 bytes: ended
        return volume.catalog().get(key).filter(entry -> entry.value()[18] == 0).isPresent();
    }

    private static List<Map<ByteBuffer, byte[]>> contents(Scenario volume) {
        List<Map<ByteBuffer, byte[]>> contents = new ArrayList<>();
        for (int backend = 0; backend < volume.backends(); backend++) {
            contents.add(new TreeMap<>(volume.zdb(backend).shards()));
        }
        return contents;
    }

    /** Changes one bit in the payload of one value of the segment written last. */
    private static void flip(Scenario volume, int stripe, int shard) throws IOException {
        volume.changeValue(volume.last(), stripe, shard, value -> {
            value[104 + (value.length - 120) / 2] ^= 4;
            return value;
        });
    }
}
