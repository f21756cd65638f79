package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.stor.read.ReadSettings;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.FaultProxy;
import org.qsfs.stor.testing.Scenario;

@DisplayName("On a healthy volume")
class HealthyVolumeTest {
    @Test
    @DisplayName("what is stored can be read, also after a restart")
    void roundTrip() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(1)
                    .write(Scenario.STRIPE)
                    .write(5 * Scenario.STRIPE + 17)
                    .expectState(StoredState.STORED)
                    .expectReadable()
                    .reopen()
                    .expectState(StoredState.STORED)
                    .expectReadable();
        }
    }

    @Test
    @DisplayName("a whole segment is fetched to a file")
    void fetch(@TempDir Path directory) throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(3 * Scenario.STRIPE + 5);
            Path target = directory.resolve("d0");
            volume.engine().fetch(volume.last(), target);
            assertThat(Files.readAllBytes(target)).isEqualTo(volume.content(volume.last()));
            try (var files = Files.list(directory)) {
                assertThat(files).containsExactly(target);
            }
        }
    }

    @Test
    @DisplayName("a small read fetches one stripe from k backends")
    void smallRead() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(6 * Scenario.STRIPE);
            volume.read(volume.last(), Scenario.STRIPE + 100, 4096);
            var reads = volume.engine().statistics().reads();
            assertThat(reads.stripes()).isEqualTo(1);
            assertThat(reads.shardBytes()).isLessThan(Scenario.STRIPE + 2 * 1000);
        }
    }

    @Test
    @DisplayName("a small read asks for the shard that holds its bytes before it asks for others")
    void itsShardFirst() throws Exception {
        Duration never = Duration.ofHours(1);
        ReadSettings settings = new ReadSettings(Duration.ofMillis(500), never, never, 0, 0);
        try (Scenario volume = given(volume(2, 4).with(config -> config.with(settings)))) {
            volume.write(6 * Scenario.STRIPE);
            // not when another backend happens to be much quicker
            volume.await("only the holder is asked", () -> othersAskedWhileHolderHangs(volume) == 0);
        }
    }

    private static int othersAskedWhileHolderHangs(Scenario volume) {
        int raw = 4 * Scenario.STRIPE; // the second half is not compressible
        try {
            for (int read = 0; read < 20; read++) {
                volume.read(volume.last(), raw, 100);
            }
            volume.inject(volume.backendOf(volume.last(), 0), new FaultProxy.Fault.HalfOpen());
            int before = reads(volume);
            try {
                volume.read(volume.last(), raw, 100);
            } catch (StorException.Unreadable onlyTheHolderWasAsked) {
                // as it should be
            }
            volume.heal();
            return reads(volume) - before;
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private static int reads(Scenario volume) {
        return IntStream.range(0, volume.backends())
                .map(backend -> volume.zdb(backend).reads())
                .sum();
    }

    @Test
    @DisplayName("storing again what is stored writes nothing, and other content is refused")
    void again(@TempDir Path directory) throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            SegmentId id = SegmentId.data(1, 0);
            Path file = volume.file(id, 1000);
            SegmentRecord record = volume.engine().store(id, file);
            assertThat(volume.engine().store(id, file)).isEqualTo(record);
            Path other = Files.write(directory.resolve("other"), new byte[] {1, 2, 3});
            assertThatThrownBy(() -> volume.engine().store(id, other))
                    .isInstanceOf(StorException.BadSource.class)
                    .hasMessageContaining("never changes");
            Path empty = Files.createFile(directory.resolve("empty"));
            assertThatThrownBy(() -> volume.engine().store(SegmentId.data(1, 9), empty))
                    .isInstanceOf(StorException.BadSource.class);
        }
    }

    @Test
    @DisplayName("a deleted segment leaves nothing behind")
    void delete() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(3 * Scenario.STRIPE);
            assertThat(volume.zdb(0).shards()).hasSize(3);
            assertThat(volume.engine().delete(volume.last())).isTrue();
            for (int backend = 0; backend < 4; backend++) {
                assertThat(volume.zdb(backend).shards()).isEmpty();
            }
            assertThat(volume.engine().records()).isEmpty();
            assertThatThrownBy(() -> volume.engine().read(volume.last(), 0, ByteBuffer.allocate(1)))
                    .isInstanceOf(StorException.NotStored.class);
        }
    }

    @Test
    @DisplayName("ranges outside of a segment are refused")
    void ranges() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(1000);
            assertThatThrownBy(() -> volume.engine().read(volume.last(), 999, ByteBuffer.allocate(2)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> volume.engine().read(volume.last(), -1, ByteBuffer.allocate(2)))
                    .isInstanceOf(IllegalArgumentException.class);
            volume.engine().read(volume.last(), 1000, ByteBuffer.allocate(0));
        }
    }
}
