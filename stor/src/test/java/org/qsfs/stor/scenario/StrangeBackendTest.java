package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.backend.BackendStatus;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.FaultProxy.Fault;
import org.qsfs.stor.testing.Scenario;

@DisplayName("With a backend that")
class StrangeBackendTest {
    private static final int LENGTH = 3 * Scenario.STRIPE + 5;

    @Test
    @DisplayName("does not accept our password, the volume goes on without it and says what to do")
    void wrongPassword() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.write(LENGTH);
            volume.zdb(0).refuse("SELECT", "Access denied");
            volume.reopen().expectReadable();
            volume.awaitState(0, BackendState.DOWN);
            assertThat(status(volume, 0).detail()).contains("Access denied", "check the password in the configuration");
            volume.write(LENGTH).expectReadable();
            assertThat(volume.record(volume.last()).shards())
                    .extracting(ShardPlace::backend)
                    .doesNotContain(new BackendId("b0"));
            volume.zdb(0).allow();
            volume.heal().expectState(StoredState.STORED).expectReadable();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Namespace is temporarily locked",
        "Namespace is in read-only mode",
        "No space left on this namespace",
    })
    @DisplayName("takes no writes, its shards go elsewhere and it is read")
    void takesNoWrites(String refusal) throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.write(LENGTH);
            volume.zdb(1).refuse("SET", refusal);
            for (int i = 0; i < 3; i++) {
                volume.write(LENGTH);
                assertThat(volume.record(volume.last()).shards())
                        .extracting(ShardPlace::backend)
                        .doesNotContain(new BackendId("b1"));
            }
            volume.expectState(StoredState.STORED);
            // now two of the four others are lost, so b1 is needed for what it has
            volume.inject(0, new Fault.Refuse()).expectReadable();
        }
    }

    @Test
    @DisplayName("is frozen, reads and writes go around it, and it is used again afterwards")
    void frozen() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.write(LENGTH);
            for (String command : new String[] {"GET", "SET", "CHECK", "NSINFO"}) {
                volume.zdb(2).refuse(command, "Namespace is temporarily frozen");
            }
            volume.awaitState(2, BackendState.DOWN).expectReadable();
            assertThat(status(volume, 2).detail()).contains("frozen");
            volume.write(LENGTH).expectState(StoredState.STORED);
            volume.zdb(2).allow();
            volume.awaitState(2, BackendState.HEALTHY).expectReadable();
        }
    }

    @Test
    @DisplayName("comes back in another mode than it had, it is refused until it has its mode again")
    void wrongMode() throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(backend -> backend == 2))) {
            volume.write(LENGTH);
            volume.zdb(2).mode("userkey");
            volume.awaitState(2, BackendState.DOWN).expectReadable();
            assertThatThrownBy(volume::reopen)
                    .isInstanceOf(StorException.WrongBackend.class)
                    .hasMessageContaining("was a sequential namespace");
            volume.zdb(2).mode("sequential");
            volume.zdb(3).mode("sequential");
            assertThatThrownBy(volume::reopen)
                    .isInstanceOf(StorException.WrongBackend.class)
                    .hasMessageContaining("its first one is not qsfs's");
            volume.zdb(3).mode("userkey");
            volume.reopen().write(LENGTH).expectState(StoredState.STORED).expectReadable();
        }
    }

    @Test
    @DisplayName("returns shards of an earlier attempt or of another volume, they are recognised and made again")
    void oldAndForeign() throws Exception {
        try (Scenario volume = given(volume(2, 4));
                Scenario other = given(volume(2, 4))) {
            volume.write(LENGTH);
            other.write(LENGTH);
            SegmentId id = volume.last();
            Map<ByteBuffer, byte[]> old = volume.zdb(volume.backendOf(id, 0)).shards();
            volume.engine().delete(id);
            volume.engine().store(id, volume.file(id, LENGTH));
            Map<ByteBuffer, byte[]> foreign = other.zdb(0).shards();
            replay(volume, id, 0, old);
            replay(volume, id, 1, foreign);
            volume.expectReadable();
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isEqualTo(2);
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isZero();
            volume.expectState(StoredState.STORED).expectReadable();
        }
    }

    @Test
    @DisplayName("has moved to another address, it keeps what it has and nothing is written again")
    void moved() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            int writes = volume.zdb(1).writes();
            volume.inject(1, new Fault.Refuse()).awaitState(1, BackendState.DOWN);
            BackendConfig elsewhere = volume.behind(1);
            volume.reconfigure(
                    config -> config,
                    list -> list.stream()
                            .map(config -> config.id().equals(elsewhere.id()) ? elsewhere : config)
                            .toList());
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED);
            assertThat(volume.zdb(1).writes()).isEqualTo(writes);
            volume.inject(0, new Fault.Refuse()).inject(2, new Fault.Refuse()).expectReadable();
        }
    }

    @Test
    @DisplayName("is lost with others up to n − k in the middle of an upload, the segment is stored all the same")
    void lostDuringUpload() throws Exception {
        try (Scenario volume = given(volume(2, 5).withBackends(Deadlines::hasty))) {
            AtomicInteger writes = new AtomicInteger();
            volume.zdb(2).afterWrite(() -> {
                if (writes.incrementAndGet() == 2) {
                    volume.kill(2);
                }
            });
            volume.write(10 * Scenario.STRIPE).expectState(StoredState.DEGRADED).expectReadable();
            volume.zdb(2).afterWrite(() -> {});
            volume.heal().engine().repairAll();
            volume.expectState(StoredState.STORED).expectNothingForgotten();
        }
    }

    @Test
    @DisplayName("is lost with others up to n − k in the middle of a read, the read is served")
    void lostDuringRead() throws Exception {
        try (Scenario volume = given(volume(2, 4).withBackends(Deadlines::blind))) {
            volume.write(20 * Scenario.STRIPE);
            byte[] expected = volume.content(volume.last());
            volume.inject(0, new Fault.CutAfter(3L * Scenario.STRIPE))
                    .inject(1, new Fault.CutAfter(3L * Scenario.STRIPE));
            for (int round = 0; round < 3; round++) {
                assertThat(volume.read(volume.last(), 0, expected.length)).isEqualTo(expected);
                volume.kill(2);
            }
        }
    }

    @Test
    @DisplayName("is lost with others up to n − k in the middle of a repair, nothing is lost and the next one ends it")
    void lostDuringRepair() throws Exception {
        try (Scenario volume = given(volume(2, 5).withBackends(Deadlines::hasty))) {
            volume.write(10 * Scenario.STRIPE);
            volume.zdb(4).shards().keySet().forEach(volume.zdb(4).values()::remove);
            AtomicInteger writes = new AtomicInteger();
            volume.zdb(4).afterWrite(() -> {
                if (writes.incrementAndGet() == 3) {
                    volume.kill(2);
                }
            });
            volume.scrub(CheckDepth.CHECK);
            volume.expectReadable();
            volume.zdb(4).afterWrite(() -> {});
            volume.heal().engine().repairAll();
            volume.scrub(CheckDepth.READ);
            volume.expectState(StoredState.STORED).expectReadable().expectNothingForgotten();
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isZero();
        }
    }

    private static BackendStatus status(Scenario volume, int backend) {
        return volume.engine().backends().stream()
                .filter(status -> status.id().value().equals("b" + backend))
                .findFirst()
                .orElseThrow();
    }

    /** Puts other values under the names of a shard, in the order of stripes. */
    private static void replay(Scenario volume, SegmentId id, int shard, Map<ByteBuffer, byte[]> values)
            throws Exception {
        int stripe = 0;
        for (byte[] value : values.values()) {
            volume.zdb(volume.backendOf(id, shard)).values().put(volume.key(id, stripe++, shard), value);
        }
    }
}
