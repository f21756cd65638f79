package org.qsfs.stor.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.backend.PoolSettings;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.PublishedHead;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.testing.Scenario;
import org.qsfs.zdb.client.ZdbEndpoint;

@DisplayName("The writer of a volume")
class WriterTest {
    private static final StorConfig CONFIG = StorConfig.of(RedundancyPolicy.of(2, 4));

    @Test
    @DisplayName("does not overwrite a record that somebody else changed")
    void conflict() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            SegmentId id = SegmentId.data(1, 0);
            Path file = volume.file(id, 100);
            volume.catalog()
                    .commit(CatalogTransaction.begin()
                            .put(id.catalogKey(), new byte[] {1})
                            .build());
            assertThatThrownBy(() -> volume.engine().store(id, file))
                    .isInstanceOf(StorException.Conflict.class)
                    .hasMessageContaining(id.toString());
            assertThat(volume.zdb(0).shards()).isEmpty();
        }
    }

    @Test
    @DisplayName("that lost its lease changes nothing any more, and still reads")
    void leaseLost() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(100);
            SegmentId id = SegmentId.data(1, 7);
            Path file = volume.file(id, 100);
            volume.lease().release();
            assertThatThrownBy(() -> volume.engine().store(id, file)).isInstanceOf(StorException.NotWriter.class);
            assertThatThrownBy(() -> volume.engine().delete(SegmentId.data(1, 0)))
                    .isInstanceOf(StorException.NotWriter.class);
            assertThatThrownBy(() -> volume.engine().publishHead(Optional.empty(), head(1)))
                    .isInstanceOf(StorException.NotWriter.class);
            assertThat(volume.read(SegmentId.data(1, 0), 0, 100)).isEqualTo(volume.content(SegmentId.data(1, 0)));
        }
    }

    @Test
    @DisplayName("publishes heads one after another, also on the backends")
    void heads() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            assertThat(volume.engine().head()).isEmpty();
            assertThat(volume.engine().publishHead(Optional.empty(), head(1))).isTrue();
            assertThat(volume.engine().publishHead(Optional.empty(), head(2)))
                    .as("there is one already")
                    .isFalse();
            Optional<PublishedHead> first = volume.engine().head();
            assertThat(first.map(PublishedHead::head)).contains(head(1));
            volume.kill(1);
            assertThat(volume.engine().publishHead(first, head(2))).isTrue();
            assertThat(volume.engine().publishHead(first, head(3)))
                    .as("the first is not the head any more")
                    .isFalse();
            volume.heal();
            assertThat(volume.engine().newestHeadOnBackends()).contains(head(2));
        }
    }

    @Test
    @DisplayName("is followed by a reader without a lease")
    void follower() throws Exception {
        try (Scenario volume = given(volume(2, 4));
                BackendPool pool =
                        BackendPool.open(volume.keys().volume(), configs(volume), PoolSettings.DEFAULT, false);
                StorEngine follower = StorEngine.open(CONFIG, volume.catalog(), null, volume.keys(), pool)) {
            volume.write(1000);
            ByteBuffer dst = ByteBuffer.allocate(1000);
            follower.read(volume.last(), 0, dst);
            assertThat(dst.array()).isEqualTo(volume.content(volume.last()));
            Path file = volume.file(SegmentId.data(1, 5), 10);
            assertThatThrownBy(() -> follower.store(SegmentId.data(1, 5), file))
                    .isInstanceOf(StorException.NotWriter.class)
                    .hasMessageContaining("reading only");
            volume.engine().delete(SegmentId.data(1, 0));
            follower.follow();
            assertThat(follower.records()).isEmpty();
        }
    }

    @Test
    @DisplayName("with wrong keys cannot open the records")
    void wrongKeys() throws Exception {
        try (Scenario volume = given(volume(2, 4));
                VolumeKeys others = VolumeKeys.generate(volume.keys().volume());
                BackendPool pool =
                        BackendPool.open(volume.keys().volume(), configs(volume), PoolSettings.DEFAULT, false)) {
            volume.write(1000);
            try (StorEngine engine = StorEngine.open(CONFIG, volume.catalog(), null, others, pool)) {
                assertThatThrownBy(() -> engine.read(volume.last(), 0, ByteBuffer.allocate(10)))
                        .isInstanceOf(StorException.Unreadable.class)
                        .hasMessageContaining("written with other keys");
            }
        }
    }

    @Test
    @DisplayName("refuses backends of another volume, and backends that were mixed up")
    void wrongBackends() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            assertThatThrownBy(() -> BackendPool.open(VolumeId.random(), configs(volume), PoolSettings.DEFAULT, true))
                    .isInstanceOf(StorException.WrongBackend.class)
                    .hasMessageContaining("of volume " + volume.keys().volume())
                    .hasMessageContaining("give it an empty namespace");
            List<BackendConfig> mixed = List.of(config(volume, 0, "b1"), config(volume, 1, "b0"));
            assertThatThrownBy(() -> BackendPool.open(volume.keys().volume(), mixed, PoolSettings.DEFAULT, true))
                    .isInstanceOf(StorException.WrongBackend.class)
                    .hasMessageContaining("says that it is backend");
            List<BackendConfig> twice = List.of(config(volume, 0, "b0"), config(volume, 0, "b1"));
            assertThatThrownBy(() -> BackendPool.open(volume.keys().volume(), twice, PoolSettings.DEFAULT, true))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    @DisplayName("never uses an address behind which another volume's backend comes up later")
    void wrongBackendLater() throws Exception {
        try (Scenario volume = given(volume(2, 4));
                Scenario other = given(volume(2, 4))) {
            other.kill(1);
            List<BackendConfig> configs = List.of(
                    config(volume, 1, "b1"),
                    new BackendConfig(
                            new BackendId("b9"),
                            "g",
                            new ZdbEndpoint(
                                    new org.qsfs.zdb.client.ZdbAddress(
                                            other.proxy(0).host(),
                                            other.proxy(0).port()),
                                    "default")));
            PoolSettings quick = new PoolSettings(
                    java.time.Duration.ofSeconds(3),
                    java.time.Duration.ofSeconds(3),
                    java.time.Duration.ofSeconds(3),
                    java.time.Duration.ofSeconds(3),
                    java.time.Duration.ofMillis(50),
                    2,
                    0);
            try (BackendPool pool = BackendPool.open(volume.keys().volume(), configs, quick, true)) {
                other.heal();
                var backend = pool.find(new BackendId("b9")).orElseThrow();
                other.await("refused", () -> backend.detail().contains("says that it is backend b0"));
                assertThat(backend.state()).isEqualTo(BackendState.DOWN);
                assertThat(backend.identified()).isFalse();
            }
        }
    }

    @Test
    @DisplayName("gives a local copy up only when every shard answers and had time to settle")
    void confirmStored() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.write(3 * Scenario.STRIPE);
            assertThat(volume.engine().confirmStored(volume.last())).isTrue();
            volume.zdb(2).sync(false);
            volume.await(
                    "the backend's word is heard",
                    () -> !volume.pool().find(new BackendId("b2")).orElseThrow().acknowledgesAfterSync());
            assertThat(volume.engine().confirmStored(volume.last()))
                    .as("written less than 120 s ago")
                    .isFalse();
            volume.zdb(2).sync(true);
            volume.await(
                    "the backend's word is heard",
                    () -> volume.pool().find(new BackendId("b2")).orElseThrow().acknowledgesAfterSync());
            assertThat(volume.engine().confirmStored(volume.last())).isTrue();
            volume.zdb(1)
                    .values()
                    .remove(volume.zdb(1).shards().keySet().iterator().next());
            assertThat(volume.engine().confirmStored(volume.last()))
                    .as("a value is missing")
                    .isFalse();
            volume.engine().repairAll();
            assertThat(volume.engine().confirmStored(volume.last())).isTrue();
            volume.kill(1);
            assertThat(volume.engine().confirmStored(volume.last()))
                    .as("a backend does not answer")
                    .isFalse();
            assertThat(volume.engine().confirmStored(SegmentId.data(1, 99))).isFalse();
            volume.heal().expectState(StoredState.STORED);
        }
    }

    private static Head head(int number) {
        return new Head(
                1,
                SegmentId.meta(1, number),
                Sha256.digest(new byte[] {(byte) number}),
                Optional.empty(),
                Instant.ofEpochSecond(1_700_000_000L + number));
    }

    private static List<BackendConfig> configs(Scenario volume) {
        return List.of(
                config(volume, 0, "b0"), config(volume, 1, "b1"), config(volume, 2, "b2"), config(volume, 3, "b3"));
    }

    private static BackendConfig config(Scenario volume, int backend, String id) {
        return new BackendConfig(
                new BackendId(id), "g", new ZdbEndpoint(volume.zdb(backend).address(), "default"));
    }
}
