package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.FaultProxy.Fault;
import org.qsfs.stor.testing.Scenario;

@DisplayName("A segment of which fewer than k shards are left")
class LostSegmentTest {
    private static final int LENGTH = 3 * Scenario.STRIPE + 5;

    @Test
    @DisplayName("is called lost, is kept, and is back when a backend's copy is brought back")
    void lostAndBack() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            List<Map<ByteBuffer, byte[]>> copies = new ArrayList<>();
            for (int backend = 0; backend < 3; backend++) {
                copies.add(volume.zdb(backend).shards());
                copies.getLast().keySet().forEach(volume.zdb(backend).values()::remove);
            }
            assertThat(volume.scrub(CheckDepth.CHECK).unrepairedSegments()).isEqualTo(1);
            volume.expectState(StoredState.LOST);
            assertThatThrownBy(() -> volume.read(volume.last(), 0, 10))
                    .isInstanceOf(StorException.Unreadable.class)
                    .hasMessageContaining("1 good shards found, 2 needed");
            volume.engine().repairAll();
            volume.expectState(StoredState.LOST);
            volume.zdb(1).values().putAll(copies.get(1));
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED).expectReadable();
        }
    }

    @Test
    @DisplayName("is not called lost while a backend is merely away")
    void away() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            for (int backend = 0; backend < 3; backend++) {
                volume.inject(backend, new Fault.Refuse()).awaitState(backend, BackendState.DOWN);
            }
            volume.zdb(3).shards().keySet().forEach(volume.zdb(3).values()::remove);
            assertThat(volume.scrub(CheckDepth.CHECK).unrepairedSegments()).isEqualTo(1);
            volume.expectState(StoredState.DEGRADED);
            volume.heal().engine().repairAll();
            volume.expectState(StoredState.STORED).expectReadable();
        }
    }

    @Test
    @DisplayName("is stored once more from the local copy, if there is one")
    void storedAgain() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            for (int backend = 0; backend < 3; backend++) {
                volume.zdb(backend)
                        .shards()
                        .keySet()
                        .forEach(volume.zdb(backend).values()::remove);
            }
            volume.scrub(CheckDepth.CHECK);
            volume.expectState(StoredState.LOST).storeAgain(volume.last());
            volume.expectState(StoredState.STORED).expectReadable();
            volume.engine().repairAll();
            volume.expectNothingForgotten();
            assertThat(volume.zdb(3).shards()).as("what was left is deleted").hasSize(4);
        }
    }

    @Test
    @DisplayName("in some stripes only still gives the others")
    void someStripes() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            for (int shard = 0; shard < 3; shard++) {
                volume.changeValue(volume.last(), 2, shard, value -> new byte[value.length]);
            }
            volume.scrub(CheckDepth.READ);
            volume.expectState(StoredState.LOST);
            byte[] expected = volume.content(volume.last());
            assertThat(volume.read(volume.last(), 0, 2 * Scenario.STRIPE))
                    .isEqualTo(java.util.Arrays.copyOf(expected, 2 * Scenario.STRIPE));
            assertThatThrownBy(() -> volume.read(volume.last(), 2 * Scenario.STRIPE, 1))
                    .isInstanceOf(StorException.Unreadable.class);
        }
    }
}
