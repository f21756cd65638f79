package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.deletion.OrphanReport;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.FaultProxy.Fault;
import org.qsfs.stor.testing.Scenario;

@DisplayName("The collector of orphans")
class OrphansTest {
    private static final int LENGTH = 3 * Scenario.STRIPE + 5;

    @Test
    @DisplayName("deletes shards that no record names, and nothing else")
    void orphans() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH).write(LENGTH);
            SegmentId forgotten = volume.last();
            volume.forget(forgotten.catalogKey()).reopen();
            OrphanReport dry = volume.engine().collectOrphans(Duration.ZERO, false);
            assertThat(dry.shards()).isEqualTo(4);
            assertThat(dry.values()).isEqualTo(16);
            assertThat(dry.deleted()).isZero();
            assertThat(volume.zdb(0).shards()).hasSize(8);
            OrphanReport report = volume.engine().collectOrphans(Duration.ZERO, true);
            assertThat(report.deleted()).isEqualTo(4);
            assertThat(report.bytes()).isEqualTo(dry.bytes()).isGreaterThan(LENGTH);
            assertThat(volume.zdb(0).shards()).hasSize(4);
            assertThat(volume.engine().collectOrphans(Duration.ZERO, true).shards())
                    .isZero();
            assertThat(volume.read(SegmentId.data(forgotten.epoch(), 0), 0, LENGTH))
                    .isEqualTo(volume.content(SegmentId.data(forgotten.epoch(), 0)));
            volume.expectNothingForgotten();
        }
    }

    @Test
    @DisplayName(
            "leaves what intents and garbage in records name: an upload that was given up, a move to a backend that is away")
    void intents() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.write(LENGTH);
            int dead = volume.backendOf(volume.last(), 1);
            volume.inject(dead, new Fault.Refuse()).awaitState(dead, BackendState.DOWN);
            volume.reconfigure(config -> config.withRepairAfter(Duration.ZERO), list -> list);
            volume.engine().repairAll();
            assertThat(volume.record(volume.last()).obsolete()).hasSize(1);
            volume.heal();
            int values = volume.zdb(dead).shards().size();
            OrphanReport report = volume.engine().collectOrphans(Duration.ZERO, true);
            assertThat(report.shards()).isZero();
            assertThat(volume.zdb(dead).shards()).hasSize(values);
            volume.expectReadable().expectNothingForgotten();
        }
    }

    @Test
    @DisplayName("leaves what is young, what a later writer wrote, and what cannot be read")
    void careful() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            SegmentId later = SegmentId.data(volume.lease().epoch() + 1, 7);
            volume.engine().store(later, volume.file(later, 100));
            SegmentId unreadable = SegmentId.data(volume.lease().epoch(), 8);
            volume.engine().store(unreadable, volume.file(unreadable, 100));
            for (int shard = 0; shard < 4; shard++) {
                volume.changeValue(unreadable, 0, shard, value -> new byte[value.length]);
            }
            volume.forget(later.catalogKey()).forget(unreadable.catalogKey()).reopen();
            OrphanReport young = volume.engine().collectOrphans(Duration.ofDays(36_500), true);
            assertThat(young.young()).isEqualTo(8);
            assertThat(young.shards()).isZero();
            OrphanReport report = volume.engine().collectOrphans(Duration.ZERO, true);
            assertThat(report.later()).isEqualTo(4);
            assertThat(report.unknown()).isEqualTo(4);
            assertThat(report.deleted()).isZero();
        }
    }

    @Test
    @DisplayName("does nothing for a writer that lost its lease, and tells which backends it could not look at")
    void notWriter() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH)
                    .write(LENGTH)
                    .forget(volume.last().catalogKey())
                    .reopen();
            volume.kill(1).awaitState(0, BackendState.DOWN);
            OrphanReport report = volume.engine().collectOrphans(Duration.ZERO, false);
            assertThat(report.unreachable()).hasSize(1);
            assertThat(report.shards()).isEqualTo(3);
            volume.lease().release();
            assertThatThrownBy(() -> volume.engine().collectOrphans(Duration.ZERO, true))
                    .isInstanceOf(StorException.NotWriter.class);
            assertThat(volume.zdb(1).shards()).hasSize(8);
        }
    }

    @Test
    @DisplayName("does nothing while the catalog is older than what the backends know to be published")
    void catalogSetBack() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH).publish(3);
            Map<ByteBuffer, byte[]> before = volume.zdb(0).shards();
            volume.forget(volume.last().catalogKey()).forget("head").reopen();
            assertThatThrownBy(() -> volume.engine().collectOrphans(Duration.ZERO, true))
                    .isInstanceOf(StorException.Conflict.class)
                    .hasMessageContaining("set back");
            assertThat(volume.zdb(0).shards().keySet()).isEqualTo(before.keySet());
            assertThat(volume.engine().records()).noneMatch(record -> record.state() == StoredState.DELETING);
        }
    }
}
