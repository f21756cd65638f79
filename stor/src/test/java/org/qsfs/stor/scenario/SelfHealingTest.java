package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.FaultProxy.Fault;
import org.qsfs.stor.testing.Scenario;

@DisplayName("A degraded segment")
class SelfHealingTest {
    private static final int LENGTH = 3 * Scenario.STRIPE + 5;

    @Test
    @DisplayName("gets its missing shard on another backend when its own stays away")
    void movesToAnother() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.kill(2).awaitState(0, BackendState.DOWN).awaitState(1, BackendState.DOWN);
            volume.write(LENGTH).expectState(StoredState.DEGRADED);
            volume.inject(1, new Fault.None()).awaitState(1, BackendState.HEALTHY);
            SegmentRecord repaired = volume.engine().repair(volume.last());
            assertThat(repaired.state()).isEqualTo(StoredState.STORED);
            assertThat(repaired.shards()).extracting(ShardPlace::backend).doesNotContain(new BackendId("b0"));
            assertThat(repaired.shards()).extracting(ShardPlace::backend).doesNotHaveDuplicates();
            volume.heal().expectReadable();
            volume.engine().repairAll();
            assertThat(volume.record(volume.last()).obsolete()).isEmpty();
        }
    }

    @Test
    @DisplayName("keeps its policy when it is repaired")
    void keepsPolicy() throws Exception {
        RedundancyPolicy policy = new RedundancyPolicy(2, 4, 1, 0);
        try (Scenario volume = given(volume(policy).onGroups("a", "a", "b", "b", "a", "b"))) {
            volume.kill(1).awaitState(0, BackendState.DOWN).write(LENGTH).expectState(StoredState.STORED);
            volume.heal();
            int dead = volume.backendOf(volume.last(), 0);
            volume.zdb(dead).values().clear();
            volume.inject(dead, new Fault.Refuse()).awaitState(dead, BackendState.DOWN);
            volume.engine().confirmStored(volume.last());
            volume.expectReadable();
            volume.engine().repairAll();
            SegmentRecord record = volume.record(volume.last());
            long inA = record.shards().stream()
                    .filter(place -> volume.pool()
                            .find(place.backend())
                            .orElseThrow()
                            .group()
                            .equals("a"))
                    .count();
            assertThat(inA).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("is repaired in the background without being asked")
    void inTheBackground() throws Exception {
        try (Scenario volume = given(volume(2, 4).with(SelfHealingTest::everyTenth))) {
            volume.kill(1).awaitState(0, BackendState.DOWN).write(LENGTH).expectState(StoredState.DEGRADED);
            volume.heal().await("repaired", () -> {
                try {
                    return volume.record(volume.last()).state() == StoredState.STORED;
                } catch (java.io.IOException failed) {
                    throw new AssertionError(failed);
                }
            });
        }
    }

    @Test
    @DisplayName("stays degraded, and costs nothing, while there is no backend for its missing shard")
    void nothingToDo() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.kill(1).awaitState(0, BackendState.DOWN).write(LENGTH).expectState(StoredState.DEGRADED);
            int reads = volume.zdb(1).reads()
                    + volume.zdb(2).reads()
                    + volume.zdb(3).reads();
            volume.engine().repairAll();
            volume.expectState(StoredState.DEGRADED);
            assertThat(volume.zdb(1).reads()
                            + volume.zdb(2).reads()
                            + volume.zdb(3).reads())
                    .isEqualTo(reads);
        }
    }

    @Test
    @DisplayName("of which the backend dies during the repair is left for the next one")
    void diesDuringRepair() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.kill(1).awaitState(0, BackendState.DOWN).write(LENGTH);
            volume.heal().inject(0, new Fault.CutAfter(400));
            volume.engine().repair(volume.last());
            volume.heal().expectReadable();
            volume.engine().repair(volume.last());
            volume.expectState(StoredState.STORED);
            volume.inject(1, new Fault.Refuse()).inject(2, new Fault.Refuse()).expectReadable();
        }
    }

    @Test
    @DisplayName("of which a backend was removed from the configuration gets its shard on another one")
    void removedBackend() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.write(LENGTH).expectState(StoredState.STORED);
            int removed = volume.backendOf(volume.last(), 1);
            volume.remove(removed).expectReadable();
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED).expectReadable();
            assertThat(volume.record(volume.last()).shards())
                    .extracting(ShardPlace::backend)
                    .doesNotContain(new BackendId("b" + removed))
                    .doesNotHaveDuplicates();
            assertThat(volume.record(volume.last()).obsolete()).isEmpty();
        }
    }

    @Test
    @DisplayName("of which a backend has been down for long gets its shard on another one")
    void downForLong() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5).with(SelfHealingTest::atOnce))) {
            volume.write(LENGTH).expectState(StoredState.STORED);
            int dead = volume.backendOf(volume.last(), 1);
            volume.inject(dead, new Fault.Refuse()).awaitState(dead, BackendState.DOWN);
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED).expectReadable();
            assertThat(volume.record(volume.last()).shards())
                    .extracting(ShardPlace::backend)
                    .doesNotContain(new BackendId("b" + dead))
                    .doesNotHaveDuplicates();
            volume.heal().engine().repairAll();
            assertThat(volume.record(volume.last()).obsolete()).isEmpty();
            volume.expectReadable().expectNothingForgotten();
        }
    }

    @Test
    @DisplayName("of which a backend has been down for a while only stays as it is")
    void downForAWhile() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.write(LENGTH);
            SegmentRecord before = volume.record(volume.last());
            int away = volume.backendOf(volume.last(), 1);
            volume.inject(away, new Fault.Refuse()).awaitState(away, BackendState.DOWN);
            volume.engine().repairAll();
            assertThat(volume.record(volume.last())).isEqualTo(before);
        }
    }

    @Test
    @DisplayName("gives up no backend when too few others are within reach to make its shards again")
    void mostDownForLong() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(8).with(SelfHealingTest::atOnce))) {
            volume.write(LENGTH);
            SegmentRecord before = volume.record(volume.last());
            for (int shard = 0; shard < 3; shard++) {
                int dead = volume.backendOf(volume.last(), shard);
                volume.inject(dead, new Fault.Refuse()).awaitState(dead, BackendState.DOWN);
            }
            volume.engine().repairAll();
            assertThat(volume.record(volume.last())).isEqualTo(before);
            volume.heal().expectState(StoredState.STORED).expectReadable();
        }
    }

    private static StorConfig atOnce(StorConfig config) {
        return config.withRepairAfter(Duration.ZERO);
    }

    @Test
    @DisplayName("of which a backend was removed and no other is left says that it is degraded")
    void removedWithoutSpare() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH).remove(3);
            volume.engine().repairAll();
            volume.expectState(StoredState.DEGRADED).expectReadable();
        }
    }

    @Test
    @DisplayName("being deleted while a backend is away is deleted whole later")
    void deletedLater() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH).kill(1).awaitState(0, BackendState.DOWN);
            assertThat(volume.engine().delete(volume.last())).isFalse();
            volume.expectState(StoredState.DELETING).heal();
            volume.engine().repairAll();
            assertThat(volume.engine().records()).isEmpty();
            assertThat(volume.zdb(0).shards()).isEmpty();
        }
    }

    private static StorConfig everyTenth(StorConfig config) {
        return config.with(config.healing().withRepairInterval(Duration.ofMillis(100)));
    }
}
