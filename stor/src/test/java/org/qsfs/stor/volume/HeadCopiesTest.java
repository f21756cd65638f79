package org.qsfs.stor.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.stor.testing.FaultProxy;
import org.qsfs.stor.testing.Scenario;

@DisplayName("The newest head on the backends")
class HeadCopiesTest {
    private static final byte[] KEY = HeadCopies.KEY.getBytes(StandardCharsets.US_ASCII);

    @Test
    @DisplayName("is that of highest epoch, then highest segment, whoever has it")
    void highest() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            HeadCopies copies = new HeadCopies(volume.pool(), volume.keys());
            assertThat(copies.newest()).isEmpty();
            put(volume, 0, sealed(volume.keys(), head(1, 9)));
            put(volume, 1, sealed(volume.keys(), head(2, 5)));
            put(volume, 2, sealed(volume.keys(), head(2, 7)));
            assertThat(copies.newest()).contains(head(2, 7));
        }
    }

    @Test
    @DisplayName("is not one that is damaged, cut, empty, sealed for another purpose, or of another volume")
    void foreign() throws Exception {
        try (Scenario volume = given(volume(2, 6));
                VolumeKeys others = VolumeKeys.generate(VolumeId.random())) {
            byte[] damaged = sealed(volume.keys(), head(9, 90));
            damaged[damaged.length / 2] ^= 1;
            put(volume, 0, damaged);
            put(volume, 1, java.util.Arrays.copyOf(sealed(volume.keys(), head(9, 91)), 50));
            put(volume, 2, new byte[0]);
            put(volume, 3, sealed(others, head(9, 92)));
            put(volume, 4, volume.keys().sealer("catalog").seal(KEY, head(9, 93).encode()));
            HeadCopies copies = new HeadCopies(volume.pool(), volume.keys());
            assertThat(copies.newest()).isEmpty();
            put(volume, 5, sealed(volume.keys(), head(1, 1)));
            assertThat(copies.newest()).contains(head(1, 1));
        }
    }

    @Test
    @DisplayName("is found while backends are down or do not answer, within their deadline")
    void someDown() throws Exception {
        try (Scenario volume = given(volume(2, 4))) {
            volume.engine().publishHead(Optional.empty(), head(1, 3));
            volume.kill(2).inject(2, new FaultProxy.Fault.HalfOpen());
            long start = System.nanoTime();
            assertThat(volume.engine().newestHeadOnBackends()).contains(head(1, 3));
            assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
            volume.inject(3, new FaultProxy.Fault.Refuse());
            assertThat(volume.engine().newestHeadOnBackends()).isEmpty();
        }
    }

    private static void put(Scenario volume, int backend, byte[] copy) {
        volume.pool().find(new BackendId("b" + backend)).orElseThrow().write(KEY, copy);
    }

    private static byte[] sealed(VolumeKeys keys, Head head) {
        return keys.sealer("head").seal(KEY, head.encode());
    }

    private static Head head(long epoch, int number) {
        return new Head(
                epoch,
                new SegmentId(epoch, org.qsfs.stor.segment.SegmentNamespace.META, number),
                Sha256.digest(new byte[] {(byte) number}),
                Optional.empty(),
                Instant.ofEpochSecond(1000 + number));
    }
}
