package org.qsfs.stor.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.StorException;

class BackendMarkerTest {
    private static final BackendMarker MARKER =
            new BackendMarker(new VolumeId(0x1011121314151617L, 0x18191a1b1c1d1e1fL), new BackendId("east-1"));

    @Test
    void bytesAreAsDocumented() throws StorException {
        assertThat(HexFormat.of().formatHex(MARKER.encode()))
                .isEqualTo("51534653424b4e44" + "0001" + "101112131415161718191a1b1c1d1e1f" + "06" + "656173742d31"
                        + "823dd9dd");
        assertThat(BackendMarker.decode(MARKER.encode())).isEqualTo(MARKER);
    }

    @Property
    void damageIsNoticed(@ForAll @IntRange(max = 36) int at, @ForAll @IntRange(max = 7) int bit) {
        byte[] bytes = MARKER.encode();
        bytes[at] ^= (byte) (1 << bit);
        assertThatThrownBy(() -> BackendMarker.decode(bytes)).isInstanceOf(StorException.class);
    }

    @Property
    void cutsAreNoticed(@ForAll @IntRange(max = 36) int length) {
        assertThatThrownBy(() -> BackendMarker.decode(java.util.Arrays.copyOf(MARKER.encode(), length)))
                .isInstanceOf(StorException.class);
    }
}
