package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.FaultProxy.Fault;
import org.qsfs.stor.testing.Scenario;

@DisplayName("When backends are lost")
class LostBackendsTest {
    private static final int LENGTH = 4 * Scenario.STRIPE + 99;

    @Test
    @DisplayName("n − k of them, everything is readable")
    void readsSurvive() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH).write(100).kill(2).expectReadable();
        }
    }

    @Test
    @DisplayName("n − k of them for good, everything is readable after a restart")
    void readsSurviveAfterRestart() throws Exception {
        try (Scenario volume = given(volume(3, 5))) {
            volume.write(LENGTH).kill(2).reopen().expectReadable();
        }
    }

    @Test
    @DisplayName("more of them, a read fails within its deadline and says why")
    void tooMany() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH).kill(3);
            Instant start = Instant.now();
            assertThatThrownBy(() -> volume.read(volume.last(), 0, 10))
                    .isInstanceOf(StorException.Unreadable.class)
                    .hasMessageContaining("1 good shards found, 2 needed")
                    .hasMessageContaining("b0")
                    .hasMessageContaining("b2");
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(8));
            volume.heal().expectReadable();
        }
    }

    @Test
    @DisplayName("all of them hanging, a read fails within its deadline")
    void allHang() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH);
            for (int backend = 0; backend < 4; backend++) {
                volume.inject(backend, new Fault.HalfOpen());
            }
            Instant start = Instant.now();
            assertThatThrownBy(() -> volume.read(volume.last(), 0, 10)).isInstanceOf(StorException.Unreadable.class);
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(9));
        }
    }

    @Test
    @DisplayName("all hanging but one, a read has what the only data shard holds, and fails for the rest")
    void allButOneHang() throws Exception {
        int stripe = 256 << 10; // four pieces that can be opened alone, two in each data shard
        try (Scenario volume = given(volume(2, 4).with(config -> config.withStripeSize(stripe)))) {
            volume.write(2 * stripe); // the second half is not compressible
            int first = volume.backendOf(volume.last(), 0);
            for (int backend = 0; backend < 4; backend++) {
                if (backend != first) {
                    volume.inject(backend, new Fault.HalfOpen());
                }
            }
            int from = stripe + 60_000;
            assertThat(volume.read(volume.last(), from, 10_000))
                    .isEqualTo(Arrays.copyOfRange(volume.content(volume.last()), from, from + 10_000));
            assertThatThrownBy(() -> volume.read(volume.last(), stripe + stripe / 2 - 10, 20))
                    .isInstanceOf(StorException.Unreadable.class);
        }
    }

    @Test
    @DisplayName("one hanging, reads go around it without waiting for its deadline")
    void oneHangs() throws Exception {
        try (Scenario volume = given(volume(2, 4).withBackends(Deadlines::patient))) {
            volume.write(LENGTH).inject(volume.backendOf(volume.last(), 0), new Fault.HalfOpen());
            Instant start = Instant.now();
            volume.expectReadable();
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    @DisplayName("connections cut in the middle of answers, reads go on")
    void cutInTheMiddle() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH)
                    .inject(0, new Fault.CutAfter(10_000))
                    .inject(1, new Fault.CutAfter(20))
                    .expectReadable();
        }
    }

    @Test
    @DisplayName("answers changed on the wire, reads go on")
    void corruptedOnTheWire() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(LENGTH)
                    .inject(0, new Fault.Corrupt(5_000))
                    .inject(1, new Fault.Corrupt(500))
                    .expectReadable();
        }
    }

    @Test
    @DisplayName("before an upload, the segment is published degraded and completed later")
    void downBeforeUpload() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.kill(1).awaitState(0, BackendState.DOWN).write(LENGTH).expectState(StoredState.DEGRADED);
            assertThat(volume.record(volume.last()).count(ShardState.MISSING)).isEqualTo(1);
            volume.expectReadable().heal();
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED);
            volume.inject(1, new Fault.Refuse()).inject(2, new Fault.Refuse()).expectReadable();
        }
    }

    @Test
    @DisplayName("at the begin of an upload, its shard goes to another backend")
    void otherPlacement() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5).withBackends(Deadlines::blind))) {
            volume.inject(0, new Fault.CutAfter(0));
            writeUntilFailover(volume);
            volume.expectState(StoredState.STORED).expectReadable().restore().reopen();
            volume.engine().repairAll();
            expectNoGarbage(volume);
        }
    }

    @Test
    @DisplayName("in the middle of an upload, what it had acknowledged is made again for another one")
    void becomesFull() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5).withBackends(Deadlines::blind))) {
            volume.zdb(0).limit(60_000);
            writeUntilFailover(volume);
            assertThat(volume.zdb(0).shards())
                    .as("acknowledged before it was full")
                    .isNotEmpty();
            volume.expectState(StoredState.STORED).expectReadable().restore().reopen();
            volume.engine().repairAll();
            volume.expectState(StoredState.STORED).expectReadable();
            expectNoGarbage(volume);
        }
    }

    @Test
    @DisplayName("during an upload below the quorum, the upload fails, and the next one leaves no garbage")
    void belowQuorum() throws Exception {
        try (Scenario volume = given(volume(2, 4).withBackends(Deadlines::blind))) {
            SegmentId id = SegmentId.data(1, 0);
            var file = volume.file(id, LENGTH);
            volume.inject(0, new Fault.CutAfter(0)).inject(1, new Fault.CutAfter(0));
            assertThatThrownBy(() -> volume.engine().store(id, file))
                    .isInstanceOf(StorException.UploadFailed.class)
                    .hasMessageContaining("at least 3 needed")
                    .hasMessageContaining("b0")
                    .hasMessageContaining("b1");
            assertThat(volume.record(id).state()).isEqualTo(StoredState.UPLOADING);
            assertThatThrownBy(() -> volume.engine().read(id, 0, ByteBuffer.allocate(1)))
                    .isInstanceOf(StorException.NotStored.class);
            volume.restore().reopen();
            volume.engine().store(id, file);
            volume.expectState(StoredState.STORED).expectReadable();
            assertThat(volume.record(id).obsolete()).isEmpty();
            for (int backend = 0; backend < 4; backend++) {
                assertThat(volume.zdb(backend).shards()).hasSize(5);
            }
        }
    }

    @Test
    @DisplayName("all of them before an upload, the upload fails at once")
    void allDownBeforeUpload() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.kill(4);
            for (int backend = 0; backend < 4; backend++) {
                volume.awaitState(backend, BackendState.DOWN);
            }
            SegmentId id = SegmentId.data(1, 0);
            var file = volume.file(id, LENGTH);
            Instant start = Instant.now();
            assertThatThrownBy(() -> volume.engine().store(id, file)).isInstanceOf(StorException.UploadFailed.class);
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(2));
            assertThat(volume.engine().record(id)).isEmpty();
        }
    }

    @Test
    @DisplayName("one that hangs during an upload does not hold it up for longer than a write may take")
    void hangsDuringUpload() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            SegmentId id = SegmentId.data(1, 0);
            var file = volume.file(id, 20 * Scenario.STRIPE);
            volume.inject(0, new Fault.HalfOpen());
            Instant start = Instant.now();
            volume.engine().store(id, file);
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(9));
            volume.expectState(StoredState.DEGRADED);
        }
    }

    @Test
    @DisplayName("one that is full, its shards go elsewhere")
    void full() throws Exception {
        try (Scenario volume = given(volume(2, 4).onBackends(5))) {
            volume.zdb(0).limit(1);
            volume.awaitState(0, BackendState.FULL)
                    .write(LENGTH)
                    .expectState(StoredState.STORED)
                    .expectReadable();
            assertThat(volume.zdb(0).shards()).isEmpty();
        }
    }

    /** Which backends get a segment is random; sooner or later it is the one that fails. */
    private static void writeUntilFailover(Scenario volume) throws Exception {
        for (int i = 0; i < 50 && volume.engine().statistics().uploads().failovers() == 0; i++) {
            volume.write(LENGTH);
        }
        assertThat(volume.engine().statistics().uploads().failovers()).isPositive();
    }

    private static void expectNoGarbage(Scenario volume) throws Exception {
        int values = 0;
        for (int backend = 0; backend < 5; backend++) {
            values += volume.zdb(backend).shards().size();
        }
        assertThat(values)
                .as("values of n shards per segment, none left over")
                .isEqualTo(volume.engine().records().size() * 4 * 5);
    }
}
