package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.FaultProxy.Fault;
import org.qsfs.stor.testing.Scenario;

@DisplayName("A backend that is replaced by an empty one")
class ReplacedBackendTest {
    private static final int LENGTH = 3 * Scenario.STRIPE + 5;

    @Test
    @DisplayName("is filled again without being asked, and then carries reads")
    void refilled() throws Exception {
        try (Scenario volume = given(
                volume(2, 4).with(config -> config.with(config.healing().withRepairInterval(Duration.ofMillis(50)))))) {
            volume.write(LENGTH).write(LENGTH).write(100);
            int values = volume.zdb(2).shards().size();
            volume.inject(2, new Fault.Refuse()).awaitState(2, BackendState.DOWN);
            volume.zdb(2).values().clear();
            volume.heal();
            volume.await("b2 is full again", () -> volume.zdb(2).shards().size() == values);
            volume.await("everything is stored", () -> volume.all(StoredState.STORED));
            volume.inject(0, new Fault.Refuse()).inject(1, new Fault.Refuse()).expectReadable();
        }
    }

    @Test
    @DisplayName("so quickly that it was never seen down, is noticed all the same")
    void unnoticed() throws Exception {
        try (Scenario volume = given(
                volume(2, 4).with(config -> config.with(config.healing().withRepairInterval(Duration.ofMillis(50)))))) {
            volume.write(LENGTH);
            volume.await(
                    "the monitor has counted the values", () -> volume.zdb(3).lastInfoEntries() >= 5);
            volume.zdb(3).values().clear();
            volume.await("b3 is full again", () -> volume.zdb(3).shards().size() == 4);
        }
    }

    @Test
    @DisplayName("is recorded as lacking its shards, so that a restart does not forget it")
    void recorded() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            volume.inject(2, new Fault.Refuse()).awaitState(2, BackendState.DOWN);
            volume.zdb(2).values().clear();
            volume.heal()
                    .inject(0, new Fault.Refuse())
                    .inject(1, new Fault.Refuse())
                    .inject(3, new Fault.Refuse());
            volume.awaitState(0, BackendState.DOWN)
                    .awaitState(1, BackendState.DOWN)
                    .awaitState(3, BackendState.DOWN);
            volume.engine().repairAll();
            volume.expectState(StoredState.DEGRADED);
            volume.heal().reopen().engine().repairAll();
            volume.expectState(StoredState.STORED);
            assertThat(volume.zdb(2).shards()).hasSize(4);
        }
    }
}
