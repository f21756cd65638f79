package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.backend.PoolSettings;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.deletion.OrphanReport;
import org.qsfs.stor.rebuild.RecordRebuild;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.SegmentRecordFormat;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.FaultProxy.Fault;
import org.qsfs.stor.testing.Scenario;
import org.qsfs.zdb.client.SequentialKey;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;

/** The other scenarios run on sequential namespaces, too, with {@code -Dqsfs.test.sequential=all} or {@code some}. */
@DisplayName("On sequential namespaces")
class SequentialBackendsTest {
    private static final int LENGTH = 5 * Scenario.STRIPE + 5;
    private static final IntPredicate ALL = backend -> true;
    private static final IntPredicate ONE = backend -> backend == 1;

    static Stream<Named<IntPredicate>> modes() {
        return Stream.of(Named.of("one of four", ONE), Named.of("all four", ALL));
    }

    @ParameterizedTest
    @MethodSource("modes")
    @DisplayName("a volume is written, confirmed for eviction, opened again, and read after any two backends died")
    void life(IntPredicate sequential) throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(sequential))) {
            volume.write(LENGTH).write(1).write(3 * LENGTH).expectState(StoredState.STORED);
            for (SegmentRecord record : volume.engine().records()) {
                assertThat(volume.engine().confirmStored(record.id())).isTrue();
            }
            volume.reopen().expectReadable().expectNothingForgotten();
            for (int dead = 0; dead < 4; dead++) {
                volume.inject(dead, new Fault.Refuse()).inject((dead + 1) % 4, new Fault.Refuse());
                volume.expectReadable().heal();
            }
            for (SegmentRecord record : volume.engine().records()) {
                assertThat(volume.engine().delete(record.id())).isTrue();
            }
            volume.expectEmptyBackends();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    @DisplayName("flipped and lost values are found by a scrub and made again, the flipped ones in place")
    void scrub(IntPredicate sequential) throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(sequential))) {
            volume.write(LENGTH).write(LENGTH);
            SegmentRecord before = volume.record(volume.last());
            for (int stripe = 0; stripe < 6; stripe++) {
                volume.changeValue(before.id(), stripe, stripe % 4, value -> {
                    value[value.length / 2] ^= 4;
                    return value;
                });
            }
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isEqualTo(4);
            assertThat(volume.record(before.id()).shards()).as("the same ids").isEqualTo(before.shards());
            int shard = shardOnFirstSequential(volume, before.id());
            volume.zdb(1).values().remove(volume.key(before.id(), 2, shard));
            assertThat(volume.scrub(CheckDepth.CHECK).damagedShards()).isEqualTo(1);
            assertThat(volume.record(before.id()).shards())
                    .as("another id for the lost value")
                    .isNotEqualTo(before.shards());
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isZero();
            volume.expectState(StoredState.STORED).expectReadable().expectNothingForgotten();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    @DisplayName("shards of a backend that is gone are made again on another one, and deleted when it is back")
    void repair(IntPredicate sequential) throws Exception {
        try (Scenario volume = given(
                volume(2, 4).onBackends(5).sequentialOn(sequential).with(c -> c.withRepairAfter(Duration.ZERO)))) {
            for (int i = 0; i < 4; i++) {
                volume.write(LENGTH);
            }
            volume.inject(1, new Fault.Refuse()).awaitState(1, BackendState.DOWN);
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED).expectReadable();
            volume.heal().engine().repairAll();
            assertThat(volume.zdb(1).shards()).isEmpty();
            volume.expectReadable().expectNothingForgotten();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    @DisplayName("orphans are found by what they say of themselves, whatever their ids are")
    void orphans(IntPredicate sequential) throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(sequential))) {
            volume.write(LENGTH).write(LENGTH).write(LENGTH);
            SegmentId forgotten = SegmentId.data(volume.lease().epoch(), 1);
            byte[] content = volume.content(volume.last());
            volume.forget(forgotten.catalogKey()).reopen();
            assertThat(volume.engine()
                            .collectOrphans(Duration.ofDays(36_500), true)
                            .deleted())
                    .isZero();
            OrphanReport report = volume.engine().collectOrphans(Duration.ZERO, true);
            assertThat(report.deleted()).isEqualTo(4);
            assertThat(report.values()).isEqualTo(24);
            assertThat(report.bytes()).isGreaterThan(2 * LENGTH / 2);
            assertThat(volume.engine().collectOrphans(Duration.ZERO, true).shards())
                    .isZero();
            assertThat(volume.zdb(1).shards()).hasSize(12);
            assertThat(volume.read(volume.last(), 0, LENGTH)).isEqualTo(content);
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    @DisplayName("a lost catalog is made again from what the values say of themselves")
    void rebuild(IntPredicate sequential) throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(sequential))) {
            volume.write(LENGTH).write(200_000).write(1);
            List<SegmentRecord> before = List.copyOf(volume.engine().records());
            before.forEach(record -> volume.forget(record.id().catalogKey()));
            RecordRebuild rebuild = RecordRebuild.look(volume.pool(), volume.keys());
            assertThat(rebuild.unknownAttempts()).isZero();
            assertThat(rebuild.write(volume.catalog(), volume.lease()).written())
                    .isEqualTo(3);
            volume.reopen().expectReadable().expectState(StoredState.STORED).expectNothingForgotten();
            for (SegmentRecord record : before) {
                assertThat(volume.record(record.id()).shards()).isEqualTo(record.shards());
            }
            volume.inject(0, new Fault.Refuse()).inject(2, new Fault.Refuse()).expectReadable();
        }
    }

    @Test
    @DisplayName("a rebuild counts a damaged value as not there, and says when a value does not tell what it is")
    void rebuildOfDamaged() throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(ALL))) {
            volume.write(LENGTH);
            volume.changeValue(volume.last(), 3, 0, value -> {
                value[value.length - 1] ^= 1;
                return value;
            });
            volume.changeValue(volume.last(), 3, 1, value -> new byte[value.length]);
            volume.forget(volume.last().catalogKey());
            RecordRebuild rebuild = RecordRebuild.look(volume.pool(), volume.keys());
            assertThat(rebuild.unknownAttempts()).isEqualTo(1);
            rebuild.write(volume.catalog(), volume.lease());
            volume.reopen().expectState(StoredState.DEGRADED).expectReadable();
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED).expectReadable();
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isZero();
        }
    }

    @Test
    @DisplayName("a backend that was emptied is filled again, and ids of before touch nothing there")
    void emptied() throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(ALL))) {
            volume.write(LENGTH).write(LENGTH);
            SegmentId first = SegmentId.data(volume.lease().epoch(), 0);
            SegmentRecord old = volume.record(first);
            volume.inject(1, new Fault.Refuse()).awaitState(1, BackendState.DOWN);
            assertThat(volume.engine().delete(first)).isFalse();
            volume.zdb(1).flush();
            volume.heal();
            // the new namespace gives the same ids again, now to the shard of the other segment
            volume.engine().repairAll();
            assertThat(volume.engine().record(first)).isEmpty();
            SegmentRecord refilled = volume.record(volume.last());
            assertThat(refilled.state()).isEqualTo(StoredState.STORED);
            assertThat(idsOn(refilled, "b1")).containsAnyElementsOf(idsOn(old, "b1"));
            assertThat(volume.zdb(1).shards()).hasSize(6);
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isZero();
        }
    }

    @Test
    @DisplayName("a backend that was emptied unseen is noticed by the first value it takes, which is taken back")
    void emptiedUnseen() throws Exception {
        try (Scenario volume =
                given(volume(2, 4).onBackends(5).sequentialOn(ALL).withBackends(Deadlines::blind))) {
            // which backends get a segment is random; b1 must have given more ids than a segment needs
            while (volume.zdb(1).shards().isEmpty()) {
                volume.write(LENGTH);
            }
            volume.expectState(StoredState.STORED).zdb(1).flush();
            while (volume.pool().find(new BackendId("b1")).orElseThrow().identified()) {
                volume.write(LENGTH);
            }
            assertThat(volume.zdb(1).shards()).isEmpty();
            volume.expectReadable();
            volume.reopen();
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED).expectReadable().expectNothingForgotten();
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isZero();
        }
    }

    @Test
    @DisplayName("a backend is replaced by a sequential one, and a sequential one by one in user mode")
    void replaced() throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(backend -> backend == 0 || backend == 4))) {
            volume.write(LENGTH).write(LENGTH);
            int sequential = volume.start();
            int user = volume.start();
            replace(volume, "b1", sequential);
            replace(volume, "b0", user);
            assertThat(volume.zdb(sequential).shards()).hasSize(12);
            assertThat(volume.zdb(user).shards()).hasSize(12);
            volume.inject(2, new Fault.Refuse()).inject(3, new Fault.Refuse()).expectReadable();
        }
    }

    @Test
    @DisplayName(
            "a backend is copied to a namespace in user mode, where its values are found by name, not to a sequential one")
    void copied() throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(backend -> backend == 1 || backend == 5))) {
            volume.write(LENGTH).write(LENGTH);
            int user = volume.start();
            int sequential = volume.start();
            assertThatThrownBy(() -> copy(volume, sequential))
                    .isInstanceOf(StorException.WrongBackend.class)
                    .hasMessageContaining("qsfs backend replace");
            copy(volume, user);
            reconfigure(volume, "b1", user);
            assertThat(volume.engine().verifyBackend(new BackendId("b1"), (done, total) -> {}))
                    .isZero();
            assertThat(volume.zdb(user).writes())
                    .as("copied, nothing made again")
                    .isEqualTo(12 + 1);
            volume.inject(2, new Fault.Refuse())
                    .inject(3, new Fault.Refuse())
                    .expectReadable()
                    .restore();
            volume.awaitState(2, BackendState.HEALTHY).awaitState(3, BackendState.HEALTHY);
            volume.awaitState(2, BackendState.HEALTHY).awaitState(3, BackendState.HEALTHY);
            for (SegmentRecord record : volume.engine().records()) {
                assertThat(volume.engine().delete(record.id())).isTrue();
            }
            assertThat(volume.zdb(user).shards()).isEmpty();
        }
    }

    @Test
    @DisplayName("header and head are kept on the first value, which readers understand and others refuse")
    void reserved() throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(ALL))) {
            volume.write(LENGTH).publish(1).publish(2);
            assertThat(volume.engine()
                            .newestHeadOnBackends()
                            .orElseThrow()
                            .lastMeta()
                            .number())
                    .isEqualTo(2);
            assertThat(volume.zdb(0).values())
                    .as("five stripes, the rest, and the first value")
                    .hasSize(7);
            BackendConfig config = volume.config(0, "g");
            assertThatThrownBy(() -> BackendPool.open(VolumeId.random(), List.of(config), PoolSettings.DEFAULT, true))
                    .isInstanceOf(StorException.WrongBackend.class)
                    .hasMessageContaining("of volume " + volume.keys().volume());
            try (BackendPool reader =
                    BackendPool.open(volume.keys().volume(), List.of(config), PoolSettings.DEFAULT, false)) {
                assertThat(reader.all()).allMatch(backend -> backend.identified());
            }
        }
    }

    @Test
    @DisplayName("a namespace with values of somebody else is refused, an empty one is left alone by a reader")
    void foreign() throws Exception {
        try (Scenario volume = given(volume(1, 1).onBackends(1).sequentialOn(ALL))) {
            int spare = volume.start();
            BackendConfig config = volume.config(spare, "g");
            try (BackendPool reader =
                    BackendPool.open(volume.keys().volume(), List.of(config), PoolSettings.DEFAULT, false)) {
                assertThat(reader.statuses().getFirst().detail()).contains("not set up yet");
            }
            assertThat(volume.zdb(spare).values()).isEmpty();
            volume.zdb(spare).values().put(ByteBuffer.wrap(SequentialKey.of(0)), new byte[100]);
            assertThatThrownBy(
                            () -> BackendPool.open(volume.keys().volume(), List.of(config), PoolSettings.DEFAULT, true))
                    .isInstanceOf(StorException.WrongBackend.class)
                    .hasMessageContaining("give the backend an empty namespace");
        }
    }

    @Test
    @DisplayName("an id that a record has wrongly costs the other value nothing: it is not written over")
    void wrongId() throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(ALL))) {
            volume.write(LENGTH).write(LENGTH);
            SegmentId victim = SegmentId.data(volume.lease().epoch(), 0);
            SegmentRecord wrong = volume.record(volume.last());
            BackendId backend = wrong.shards().getFirst().backend();
            SegmentRecord other = volume.record(victim);
            ShardKeys stolen = other.shards().stream()
                    .filter(place -> place.backend().equals(backend))
                    .findFirst()
                    .orElseThrow()
                    .keys();
            volume.put(wrong.withKeys(0, backend, stolen));
            volume.reopen().expectReadable();
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isEqualTo(1);
            assertThat(volume.scrub(CheckDepth.READ).damagedShards()).isZero();
            assertThat(volume.record(victim)).isEqualTo(other);
            volume.expectState(StoredState.STORED).expectNothingForgotten();
        }
    }

    @Test
    @DisplayName("the record of a segment of many stripes stays small while several are uploaded at once")
    void recordSize() throws Exception {
        try (Scenario volume = given(volume(2, 4).sequentialOn(ALL).with(config -> config.withStripeSize(4096)))) {
            List<Thread> uploads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                SegmentId id = SegmentId.data(volume.lease().epoch(), i);
                var file = volume.file(id, 4096 * 250);
                uploads.add(Thread.ofVirtual().start(() -> {
                    try {
                        volume.engine().store(id, file);
                    } catch (java.io.IOException failed) {
                        throw new java.io.UncheckedIOException(failed);
                    }
                }));
            }
            for (Thread upload : uploads) {
                upload.join();
            }
            for (SegmentRecord record : volume.engine().records()) {
                assertThat(SegmentRecordFormat.encode(record).length)
                        .as(
                                "bytes for 1000 ids, of which each may have got another upload's before it, and the rest of the record")
                        .isLessThan(1000 * 2 + 250);
            }
            volume.expectState(StoredState.STORED).expectReadable();
        }
    }

    private static void replace(Scenario volume, String backend, int by) throws Exception {
        reconfigure(volume, backend, by);
        volume.engine().repairAll();
        volume.expectState(StoredState.STORED).expectReadable();
    }

    private static void reconfigure(Scenario volume, String backend, int by) throws Exception {
        BackendConfig moved = volume.config(by, "g");
        volume.reconfigure(
                settings -> settings,
                list -> list.stream()
                        .map(config -> config.id().value().equals(backend)
                                ? new BackendConfig(config.id(), config.group(), moved.endpoint())
                                : config)
                        .toList());
    }

    private static void copy(Scenario volume, int to) throws Exception {
        try (ZdbClient target = new ZdbClient(new ZdbEndpoint(volume.zdb(to).address(), "default"))) {
            volume.engine().copyBackend(new BackendId("b1"), target, (done, total) -> {});
        }
    }

    private static List<Long> idsOn(SegmentRecord record, String backend) {
        return record.shards().stream()
                .filter(place -> place.backend().value().equals(backend))
                .map(place -> ((ShardKeys.Sequential) place.keys()).ids())
                .findFirst()
                .orElseThrow();
    }

    private static int shardOnFirstSequential(Scenario volume, SegmentId id) throws Exception {
        for (int shard = 0; shard < 4; shard++) {
            if (volume.backendOf(id, shard) == 1) {
                return shard;
            }
        }
        throw new AssertionError("no shard on b1: " + Map.of(id, volume.record(id)));
    }
}
