package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.MemoryZdb;
import org.qsfs.stor.testing.Scenario;

@DisplayName("When shards are damaged")
class DamagedShardsTest {
    private static final int LENGTH = 3 * Scenario.STRIPE + 5;

    enum Damage {
        FLIPPED_IN_HEADER(value -> flip(value, 61)),
        FLIPPED_IN_PAYLOAD(value -> flip(value, (104 + value.length - 16) / 2)),
        FLIPPED_IN_MAC(value -> flip(value, value.length - 1)),
        TRUNCATED(value -> Arrays.copyOf(value, value.length - 100)),
        EMPTY(value -> new byte[0]),
        GROWN(value -> Arrays.copyOf(value, value.length + 1)),
        ZEROED(value -> new byte[value.length]);

        private final UnaryOperator<byte[]> change;

        Damage(UnaryOperator<byte[]> change) {
            this.change = change;
        }

        private static byte[] flip(byte[] value, int at) {
            value[at % value.length] ^= 1;
            return value;
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("on n − k backends, reads go around them and the repairer makes them again")
    void readAroundAndRepaired(Damage damage) throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            // data shards, which reads ask for first
            holder(volume, 0).damageShards(damage.change);
            holder(volume, 1).damageShards(damage.change);
            if (damage == Damage.FLIPPED_IN_MAC) {
                volume.expectReadable(); // opening the stripe proves its bytes, so nobody looks at MACs
                volume.scrub(CheckDepth.READ);
            } else {
                readUntilReported(volume, 2);
            }
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED);
            // now the other two are lost: what was repaired must be good
            holder(volume, 2).damageShards(damage.change);
            holder(volume, 3).damageShards(damage.change);
            volume.expectReadable();
        }
    }

    @Test
    @DisplayName("on more backends, reads fail and say so, and deliver nothing wrong")
    void tooMany() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            for (int backend = 0; backend < 3; backend++) {
                volume.zdb(backend).damageShards(Damage.FLIPPED_IN_PAYLOAD.change);
            }
            assertThatThrownBy(() -> volume.read(volume.last(), 0, 10))
                    .isInstanceOf(StorException.Unreadable.class)
                    .hasMessageContaining("MAC");
        }
    }

    @Test
    @DisplayName("swapped between stripes, segments and attempts, they are recognised")
    void swapped() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH).write(LENGTH);
            for (int backend = 0; backend < 2; backend++) {
                List<ByteBuffer> keys =
                        new ArrayList<>(volume.zdb(backend).shards().keySet());
                byte[] first = volume.zdb(backend).values().get(keys.getFirst());
                for (int i = 0; i + 1 < keys.size(); i++) {
                    volume.zdb(backend)
                            .values()
                            .put(keys.get(i), volume.zdb(backend).values().get(keys.get(i + 1)));
                }
                volume.zdb(backend).values().put(keys.getLast(), first);
            }
            volume.expectReadable();
        }
    }

    @Test
    @DisplayName("gone on n − k backends, they are made again where they were")
    void missing() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            MemoryZdb first = holder(volume, 0);
            MemoryZdb second = holder(volume, 1);
            first.shards().keySet().forEach(first.values()::remove);
            second.shards().keySet().forEach(second.values()::remove);
            readUntilReported(volume, 2);
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED);
            assertThat(first.shards()).hasSize(4);
            assertThat(second.shards()).hasSize(4);
        }
    }

    @Test
    @DisplayName("a repair writes only what is missing")
    void onlyWhatIsMissing() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            ByteBuffer one = volume.zdb(2).shards().keySet().iterator().next();
            byte[] before = volume.zdb(2).values().remove(one);
            int writes = volume.zdb(2).writes();
            int shard = shardOn(volume, 2);
            // the reader chooses others as long as it can, so ask for it
            volume.engine().confirmStored(volume.last());
            volume.engine().repairAll();
            assertThat(volume.zdb(2).values().values()).contains(before);
            assertThat(volume.zdb(2).writes()).isEqualTo(writes + 1);
            assertThat(shard).isBetween(0, 3);
        }
    }

    private static MemoryZdb holder(Scenario volume, int shard) throws Exception {
        return volume.zdb(volume.backendOf(volume.last(), shard));
    }

    private static int shardOn(Scenario volume, int backend) throws Exception {
        for (int shard = 0; shard < 4; shard++) {
            if (volume.backendOf(volume.last(), shard) == backend) {
                return shard;
            }
        }
        throw new AssertionError("no shard on b" + backend);
    }

    /** Reads until so many damaged shards are known: which ones a read meets depends on how quick backends are. */
    private static void readUntilReported(Scenario volume, int shards) {
        volume.await("damage is noticed", () -> {
            try {
                volume.expectReadable();
                volume.engine().confirmStored(volume.last());
                return volume.engine().statistics().damageReports() >= shards;
            } catch (java.io.IOException failed) {
                throw new AssertionError(failed);
            }
        });
    }
}
