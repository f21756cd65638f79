package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.backend.BackendTerms;
import org.qsfs.stor.repair.Movement;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.FaultProxy.Fault;
import org.qsfs.stor.testing.Scenario;

@DisplayName("While the volume is in use, the operator")
class OperatorTest {
    private static final int LENGTH = 3 * Scenario.STRIPE + 5;

    @Test
    @DisplayName("drains a backend: its shards move to others, and every segment has all its shards at any time")
    void drain() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            for (int i = 0; i < 6; i++) {
                volume.write(LENGTH);
            }
            int leaving = volume.backendOf(volume.last(), 0);
            volume.reconfigure(same(), terms(leaving, BackendTerms.USUAL.withDraining(true)));
            List<Long> steps = new ArrayList<>();
            long left = volume.engine().drain(new BackendId("b" + leaving), (done, total) -> {
                steps.add(done);
                assertThat(volume.all(StoredState.STORED)).isTrue();
            });
            assertThat(left).isZero();
            assertThat(steps).hasSizeGreaterThan(1).isSorted();
            assertThat(volume.zdb(leaving).shards()).as("nothing stays behind").isEmpty();
            assertThat(volume.engine().holdings(new BackendId("b" + leaving)).segments())
                    .isZero();
            volume.expectState(StoredState.STORED).expectReadable().expectNothingForgotten();
            volume.write(LENGTH);
            assertThat(volume.record(volume.last()).shards())
                    .extracting(ShardPlace::backend)
                    .doesNotContain(new BackendId("b" + leaving));
            volume.reconfigure(same(), without(leaving)).expectReadable();
        }
    }

    @Test
    @DisplayName("drains a backend that is down: its shards are made from the others")
    void drainDead() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.write(LENGTH);
            int leaving = volume.backendOf(volume.last(), 2);
            volume.inject(leaving, new Fault.Refuse()).awaitState(leaving, BackendState.DOWN);
            volume.reconfigure(same(), terms(leaving, BackendTerms.USUAL.withDraining(true)));
            assertThat(volume.engine().drain(new BackendId("b" + leaving), (done, total) -> {}))
                    .isZero();
            volume.expectReadable().expectState(StoredState.STORED);
        }
    }

    @Test
    @DisplayName("who drains a backend without which no place keeps the policy is told how many shards stay")
    void drainImpossible() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.write(LENGTH);
            int leaving = volume.backendOf(volume.last(), 2);
            volume.reconfigure(same(), terms(leaving, BackendTerms.USUAL.withDraining(true)));
            for (int other = 0; other < 5; other++) {
                if (other != leaving && volume.zdb(other).shards().isEmpty()) {
                    volume.inject(other, new Fault.Refuse()).awaitState(other, BackendState.DOWN);
                }
            }
            assertThat(volume.engine().drain(new BackendId("b" + leaving), (done, total) -> {}))
                    .isEqualTo(1);
            volume.expectState(StoredState.STORED).expectReadable();
        }
    }

    @Test
    @DisplayName("may not remove backends that hold last copies, and is told how many segments that are")
    void lastCopies() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(7))) {
            volume.write(LENGTH).write(LENGTH);
            SegmentRecord record = volume.record(volume.last());
            List<BackendId> three =
                    record.shards().stream().map(ShardPlace::backend).limit(3).toList();
            assertThatThrownBy(() -> volume.reconfigure(
                            same(),
                            list -> list.stream()
                                    .filter(config -> !three.contains(config.id()))
                                    .toList()))
                    .isInstanceOf(StorException.LastCopies.class)
                    .hasMessageContaining("of these cannot be read without them")
                    .hasMessageContaining("qsfs backend drain");
            assertThat(volume.pool().all()).hasSize(7);
            volume.write(LENGTH).expectReadable();
        }
    }

    @Test
    @DisplayName("may not ask for what the backends cannot keep, and is told the numbers")
    void impossible() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            for (RedundancyPolicy policy : List.of(
                    RedundancyPolicy.of(2, 5), new RedundancyPolicy(2, 4, 1, 0), new RedundancyPolicy(2, 4, 0, 3))) {
                assertThatThrownBy(() -> volume.reconfigure(config -> config.with(policy), list -> list))
                        .isInstanceOf(StorException.NoPlacement.class)
                        .hasMessageContaining("4 backends are usable");
            }
            assertThatThrownBy(() -> volume.reconfigure(same(), terms(1, BackendTerms.USUAL.withDraining(true))))
                    .as("draining one of four with n = 4")
                    .isInstanceOf(StorException.NoPlacement.class)
                    .hasMessageContaining("3 backends are usable");
            volume.write(LENGTH).expectState(StoredState.STORED).expectReadable();
        }
    }

    @Test
    @DisplayName("may not name an address twice or one that belongs to another volume; nothing changes then")
    void wrongAddress() throws Exception {
        try (Scenario volume = given(volume(2, 4));
                Scenario other = given(volume(1, 5))) {
            volume.write(LENGTH);
            assertThatThrownBy(() -> volume.reconfigure(same(), list -> {
                        BackendConfig first = list.getFirst();
                        list.add(new BackendConfig(new BackendId("again"), "g", first.endpoint()));
                        return list;
                    }))
                    .hasMessageContaining("4 distinct addresses");
            assertThatThrownBy(() -> volume.reconfigure(
                            config -> config.with(RedundancyPolicy.of(2, 5)), with(other.config(4, "g"))))
                    .isInstanceOf(StorException.WrongBackend.class)
                    .hasMessageContaining("expected backend b4 of volume");
            assertThat(volume.pool().all()).hasSize(4);
            volume.write(LENGTH).expectState(StoredState.STORED).expectReadable();
            assertThat(volume.record(volume.last()).policy()).isEqualTo(RedundancyPolicy.of(2, 4));
        }
    }

    @Test
    @DisplayName("changes the policy from 2+2 to 4+2: old segments stay as they are, readable and repairable")
    void otherPolicy() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(7))) {
            volume.write(LENGTH);
            SegmentId old = volume.last();
            volume.reconfigure(config -> config.with(RedundancyPolicy.of(4, 6)), list -> list);
            volume.write(LENGTH);
            assertThat(volume.record(old).policy()).isEqualTo(RedundancyPolicy.of(2, 4));
            assertThat(volume.record(volume.last()).policy()).isEqualTo(RedundancyPolicy.of(4, 6));
            for (SegmentId id : List.of(old, volume.last())) {
                int lost = volume.backendOf(id, 1);
                volume.zdb(lost).shards().keySet().forEach(volume.zdb(lost).values()::remove);
                volume.scrub(org.qsfs.stor.check.CheckDepth.CHECK);
                volume.expectState(StoredState.STORED);
            }
            volume.kill(2).expectReadable().restore().reopen().expectReadable();
        }
    }

    @Test
    @DisplayName("reduces n while segments exist: these keep their shards, new ones get fewer")
    void fewerShards() throws Exception {
        try (Scenario volume = given(volume(2, 5))) {
            volume.write(LENGTH);
            SegmentId old = volume.last();
            volume.reconfigure(config -> config.with(RedundancyPolicy.of(2, 3)), list -> list);
            volume.write(LENGTH);
            volume.engine().repairAll();
            assertThat(volume.record(old).shards()).hasSize(5);
            assertThat(volume.record(volume.last()).shards()).hasSize(3);
            volume.expectState(StoredState.STORED).expectReadable();
        }
    }

    @Test
    @DisplayName("replaces a backend by an empty one at another address: it is filled, and the old one is not needed")
    void replace() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH).write(LENGTH);
            int fresh = volume.start();
            BackendConfig moved = volume.config(fresh, "g");
            volume.reconfigure(
                    same(),
                    list -> list.stream()
                            .map(config -> config.id().value().equals("b1")
                                    ? new BackendConfig(config.id(), config.group(), moved.endpoint())
                                    : config)
                            .toList());
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED);
            assertThat(volume.zdb(fresh).shards()).hasSize(8);
            assertThat(volume.zdb(1).shards().values())
                    .containsExactlyInAnyOrderElementsOf(
                            volume.zdb(fresh).shards().values());
            volume.inject(0, new Fault.Refuse())
                    .inject(1, new Fault.Refuse())
                    .inject(2, new Fault.Refuse())
                    .expectReadable();
        }
    }

    @Test
    @DisplayName("bounds what uploads send, and an upload that waits for its bytes goes on when that changes")
    void bandwidth() throws Exception {
        try (Scenario volume = given(volume(2, 4));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // the first value may pass, the next one has to wait for hours
            volume.reconfigure(config -> config.withUploadBytesPerSecond(1), list -> list);
            Future<Scenario> upload = threads.submit(() -> volume.write(LENGTH));
            volume.await(
                    "the first value",
                    () -> volume.engine().statistics().uploads().shardBytes() > 0);
            assertThatThrownBy(() -> upload.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(values(volume)).isEqualTo(1);
            volume.reconfigure(config -> config.withUploadBytesPerSecond(0), list -> list);
            upload.get(60, TimeUnit.SECONDS);
            volume.expectState(StoredState.STORED).expectReadable();
        }
    }

    private static int values(Scenario volume) {
        int values = 0;
        for (int backend = 0; backend < 4; backend++) {
            values += volume.zdb(backend).shards().size();
        }
        return values;
    }

    @Test
    @DisplayName("gives a backend a capacity: it gets no more than that")
    void capacity() throws Exception {
        try (Scenario volume = given(volume(1, 2).onBackends(3).withBackends(Deadlines::blind))) {
            BackendTerms limited = new BackendTerms(BackendTerms.USUAL_WEIGHT, 500_000, false);
            volume.reconfigure(same(), terms(0, limited)).reconfigure(same(), terms(1, limited));
            for (int i = 0; i < 8; i++) {
                volume.write(100_000);
            }
            long[] values = new long[3];
            for (int backend = 0; backend < 3; backend++) {
                values[backend] = volume.zdb(backend).shards().size();
            }
            assertThat(values[2]).as("values of the one without a limit").isEqualTo(16);
            assertThat(values[0] + values[1]).isEqualTo(16);
            assertThat(volume.zdb(0).usedBytes()).isLessThanOrEqualTo(500_000);
            assertThat(volume.zdb(1).usedBytes()).isLessThanOrEqualTo(500_000);
            volume.expectState(StoredState.STORED);
        }
    }

    @Test
    @DisplayName("adds backends and rebalances: they get their part, and every segment keeps its policy")
    void rebalance() throws Exception {
        RedundancyPolicy policy = new RedundancyPolicy(2, 4, 1, 0);
        try (Scenario volume = given(volume(policy).onGroups("a", "a", "b", "b"))) {
            for (int i = 0; i < 12; i++) {
                volume.write(LENGTH);
            }
            int first = volume.start();
            int second = volume.start();
            volume.reconfigure(same(), with(volume.config(first, "a"), volume.config(second, "b")));
            Movement moved = volume.engine()
                    .rebalance(Long.MAX_VALUE, (done, total) -> assertThat(done).isLessThanOrEqualTo(total));
            assertThat(moved.shards()).isBetween(12L, 20L);
            for (int backend = 0; backend < 6; backend++) {
                assertThat(volume.engine().heldBytes(new BackendId("b" + backend)))
                        .as("shards on b%d of 8 fair ones", backend)
                        .isBetween(6L * (LENGTH + 1) / 2, 10L * (LENGTH + 1) / 2);
            }
            volume.expectState(StoredState.STORED).expectNothingForgotten();
            volume.inject(0, new Fault.Refuse()).inject(1, new Fault.Refuse()).inject(first, new Fault.Refuse());
            volume.expectReadable();
            assertThat(volume.engine()
                            .rebalance(Long.MAX_VALUE, (done, total) -> {})
                            .shards())
                    .as("a second time there is little to do")
                    .isLessThan(4);
        }
    }

    private static UnaryOperator<StorConfig> same() {
        return config -> config;
    }

    private static UnaryOperator<List<BackendConfig>> with(BackendConfig... more) {
        return list -> {
            list.addAll(List.of(more));
            return list;
        };
    }

    private static UnaryOperator<List<BackendConfig>> without(int backend) {
        return list -> list.stream()
                .filter(config -> !config.id().value().equals("b" + backend))
                .toList();
    }

    private static UnaryOperator<List<BackendConfig>> terms(int backend, BackendTerms terms) {
        return list -> list.stream()
                .map(config -> config.id().value().equals("b" + backend) ? config.with(terms) : config)
                .toList();
    }
}
