package org.qsfs.stor.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.object.ObjectStore;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.MortalCatalog;
import org.qsfs.stor.testing.Scenario;

@DisplayName("Records rebuilt from shards")
class RecordRebuildTest {
    @Test
    @DisplayName("say where every shard is, and everything can be read again")
    void everything() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(6))) {
            volume.write(10_000).write(200_000).write(1);
            List<SegmentRecord> before = List.copyOf(volume.engine().records());
            loseRecords(volume);
            RecordRebuild rebuild = RecordRebuild.look(volume.pool(), volume.keys());
            assertThat(rebuild.notAsked()).isEmpty();
            assertThat(rebuild.unreadable()).isEmpty();
            assertThat(rebuild.highestEpoch()).isEqualTo(volume.lease().epoch());
            assertThat(rebuild.write(volume.catalog(), volume.lease())).isEqualTo(new RecordRebuild.Outcome(3, 0, 0));
            volume.reopen().expectReadable().expectState(StoredState.STORED).expectNothingForgotten();
            for (SegmentRecord record : before) {
                SegmentRecord rebuilt = volume.record(record.id());
                assertThat(rebuilt.attempt()).isEqualTo(record.attempt());
                assertThat(rebuilt.shards()).isEqualTo(record.shards());
                assertThat(rebuilt.layout()).isEqualTo(record.layout());
            }
        }
    }

    @Test
    @DisplayName("with backends away can be read, and are completed by the repairer")
    void degraded() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(100_000).kill(2).awaitState(0, BackendState.DOWN).awaitState(1, BackendState.DOWN);
            loseRecords(volume);
            RecordRebuild rebuild = RecordRebuild.look(volume.pool(), volume.keys());
            assertThat(rebuild.notAsked()).hasSize(2);
            rebuild.write(volume.catalog(), volume.lease());
            volume.reopen().expectReadable().expectState(StoredState.DEGRADED);
            volume.heal();
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED).expectReadable();
        }
    }

    @Test
    @DisplayName("leave out what has fewer than k whole shards, and what cannot be proved")
    void unreadable() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(300_000);
            SegmentId torn = volume.last();
            for (int shard = 0; shard < 3; shard++) {
                Map<ByteBuffer, byte[]> values =
                        volume.zdb(volume.backendOf(torn, shard)).values();
                values.keySet()
                        .remove(volume.zdb(volume.backendOf(torn, shard))
                                .shards()
                                .keySet()
                                .iterator()
                                .next());
            }
            loseRecords(volume);
            assertThat(RecordRebuild.look(volume.pool(), volume.keys()).unreadable())
                    .containsExactly(torn);
            for (int backend = 0; backend < 4; backend++) {
                volume.zdb(backend).damageShards(value -> {
                    value[value.length / 2] ^= 1;
                    return value;
                });
            }
            RecordRebuild forged = RecordRebuild.look(volume.pool(), volume.keys());
            assertThat(forged.records()).isEmpty();
            assertThat(forged.unknownAttempts()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("count one damaged value as no reason to forget a segment, and other volumes' shards as nothing")
    void damagedAndForeign() throws Exception {
        try (Scenario volume = given(volume(2, 4));
                VolumeKeys others = VolumeKeys.generate(VolumeId.random())) {
            volume.write(20_000);
            int first = volume.backendOf(volume.last(), 0);
            volume.zdb(first).damageShards(value -> {
                value[value.length - 1] ^= 1;
                return value;
            });
            assertThat(RecordRebuild.look(volume.pool(), volume.keys()).records())
                    .hasSize(1);
            assertThat(RecordRebuild.look(volume.pool(), others).records()).isEmpty();
        }
    }

    @Test
    @DisplayName("take the better of two attempts and make the other one garbage, which is then deleted")
    void twoAttempts() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(50_000);
            SegmentId id = volume.last();
            SegmentRecord whole = volume.record(id);
            loseRecords(volume);
            volume.reopen();
            volume.engine().store(id, volume.file(id, 50_000));
            SegmentRecord second = volume.record(id);
            assertThat(second.attempt()).isNotEqualTo(whole.attempt());
            // the second one loses a shard, so that the first one is the better
            volume.zdb(volume.backendOf(id, 3)).lose(second.attempt());
            loseRecords(volume);
            RecordRebuild.look(volume.pool(), volume.keys()).write(volume.catalog(), volume.lease());
            volume.reopen();
            assertThat(volume.record(id).attempt()).isEqualTo(whole.attempt());
            assertThat(volume.record(id).obsolete()).hasSize(3);
            assertThat(volume.record(id).count(ShardState.PRESENT)).isEqualTo(4);
            volume.engine().repairAll();
            assertThat(volume.record(id).obsolete()).isEmpty();
            assertThat(volume.zdb(0).valuesOf(second.attempt())).isZero();
        }
    }

    @Test
    @DisplayName("do not replace what the catalog still knows, and do not bring back what it calls deleted")
    void keptRecords() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(1000).write(2000).write(3000);
            SegmentRecord kept = volume.record(SegmentId.data(1, 0));
            SegmentRecord third = volume.record(SegmentId.data(1, 2));
            volume.kill(1).awaitState(0, BackendState.DOWN);
            assertThat(volume.engine().delete(SegmentId.data(1, 1))).isFalse();
            volume.heal();
            for (int backend = 0; backend < 4; backend++) {
                volume.zdb(backend).lose(third.attempt());
            }
            RecordRebuild rebuild = RecordRebuild.look(volume.pool(), volume.keys());
            assertThat(rebuild.write(volume.catalog(), volume.lease()))
                    .as("one is there, one is being deleted, of one nothing is left")
                    .isEqualTo(new RecordRebuild.Outcome(0, 2, 1));
            volume.reopen();
            assertThat(volume.record(SegmentId.data(1, 0))).isEqualTo(kept);
            assertThat(volume.record(SegmentId.data(1, 1)).state()).isEqualTo(StoredState.DELETING);
            assertThat(volume.engine().record(SegmentId.data(1, 2))).isEmpty();
        }
    }

    @Test
    @DisplayName("from less than everything keep orphans from being deleted, until a rebuild has seen everything")
    void incomplete() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(100_000).kill(3);
            for (int backend = 0; backend < 3; backend++) {
                volume.awaitState(backend, BackendState.DOWN);
            }
            loseRecords(volume);
            RecordRebuild.look(volume.pool(), volume.keys()).write(volume.catalog(), volume.lease());
            volume.heal().reopen();
            assertThat(volume.engine().records()).isEmpty();
            assertThatThrownBy(() -> volume.engine().collectOrphans(Duration.ZERO, true))
                    .isInstanceOf(StorException.Conflict.class)
                    .hasMessageContainingAll("backend b0 was not asked", "1 segments", "qsfs catalog rebuild");

            assertThat(RecordRebuild.look(volume.pool(), volume.keys()).write(volume.catalog(), volume.lease()))
                    .isEqualTo(new RecordRebuild.Outcome(1, 0, 0));
            volume.reopen().expectReadable();
            assertThat(volume.engine().collectOrphans(Duration.ZERO, true).shards())
                    .isZero();
        }
    }

    @Test
    @DisplayName("keep orphans from being deleted when the rebuild did not end")
    void interrupted() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(1000).write(2000);
            loseRecords(volume);
            RecordRebuild rebuild = RecordRebuild.look(volume.pool(), volume.keys());
            assertThatThrownBy(() -> rebuild.write(new MortalCatalog(volume.catalog(), 2, false), volume.lease()))
                    .isInstanceOf(StorException.CatalogFailed.class);
            volume.reopen();
            assertThat(volume.engine().records()).hasSize(1);
            assertThatThrownBy(() -> volume.engine().collectOrphans(Duration.ZERO, true))
                    .isInstanceOf(StorException.Conflict.class)
                    .hasMessageContaining("it did not end");
        }
    }

    @Test
    @DisplayName("leave the rest of what is lost for good to the collector of orphans, when the operator says so")
    void lossAccepted() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(1000).write(2000);
            SegmentRecord second = volume.record(volume.last());
            for (int backend = 0; backend < 3; backend++) {
                volume.zdb(backend).lose(second.attempt());
            }
            loseRecords(volume);
            RecordRebuild.look(volume.pool(), volume.keys()).write(volume.catalog(), volume.lease());
            volume.reopen();
            assertThatThrownBy(() -> volume.engine().collectOrphans(Duration.ZERO, true))
                    .isInstanceOf(StorException.Conflict.class);
            IncompleteRebuild.forget(volume.catalog(), volume.lease());
            assertThat(volume.engine().collectOrphans(Duration.ZERO, true).deleted())
                    .isEqualTo(1);
        }
    }

    @Test
    @DisplayName(
            "make up for what a copy lacked from which the catalog was filled; before, nothing is collected and no single file stored")
    void copyCompleted(@TempDir Path directory) throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(1000);
            volume.catalog()
                    .commit(CatalogTransaction.begin()
                            .ifHeld(volume.lease())
                            .put(CatalogKeys.IMPORTED, new byte[] {'1'})
                            .build());
            Path file = Files.write(directory.resolve("file"), new byte[10]);
            ObjectStore objects = volume.engine().objects(directory.resolve("staging"), 1000);
            assertThatThrownBy(() -> volume.engine().collectOrphans(Duration.ZERO, true))
                    .isInstanceOf(StorException.Conflict.class)
                    .hasMessageContaining("filled from a copy")
                    .hasMessageContaining("qsfs catalog rebuild");
            assertThatThrownBy(() -> objects.store(file, file))
                    .isInstanceOf(StorException.Conflict.class)
                    .hasMessageContaining("qsfs catalog rebuild");
            RecordRebuild.look(volume.pool(), volume.keys()).write(volume.catalog(), volume.lease());
            volume.reopen();
            volume.engine().collectOrphans(Duration.ZERO, true);
            volume.engine().objects(directory.resolve("staging"), 1000).store(file, file);
        }
    }

    private static void loseRecords(Scenario volume) {
        for (var entry : volume.catalog().list(SegmentId.CATALOG_PREFIX)) {
            volume.catalog()
                    .commit(CatalogTransaction.begin()
                            .ifHeld(volume.lease())
                            .delete(entry.key())
                            .build());
        }
    }
}
