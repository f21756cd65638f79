package org.qsfs.stor.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.qsfs.stor.segment.Head.CheckpointStart;

class HeadTest {
    private static final Sha256 HASH = Sha256.digest(new byte[0]);
    private static final Instant TIME = Instant.ofEpochSecond(0x65000000L, 0x1234);
    private static final Head WITHOUT_CHECKPOINT = new Head(3, SegmentId.meta(2, 7), HASH, Optional.empty(), TIME);
    private static final Head WITH_CHECKPOINT =
            new Head(3, SegmentId.meta(2, 7), HASH, Optional.of(new CheckpointStart(SegmentId.meta(1, 5), 4096)), TIME);

    @Test
    void bytesAreAsDocumented() throws StorException {
        String start = "5153465348454144" + "0001" + "0000000000000003" + "0000000000000002" + "00000007" + HASH;
        String time = "0000000065000000" + "00001234";
        assertThat(HexFormat.of().formatHex(WITHOUT_CHECKPOINT.encode())).isEqualTo(start + "00" + time);
        assertThat(HexFormat.of().formatHex(WITH_CHECKPOINT.encode()))
                .isEqualTo(start + "01" + "0000000000000001" + "00000005" + "0000000000001000" + time);
        assertThat(Head.decode(WITHOUT_CHECKPOINT.encode())).isEqualTo(WITHOUT_CHECKPOINT);
        assertThat(Head.decode(WITH_CHECKPOINT.encode())).isEqualTo(WITH_CHECKPOINT);
    }

    @Test
    void laterVersionIsNamed() {
        byte[] bytes = WITH_CHECKPOINT.encode();
        bytes[9] = 2;
        assertThatThrownBy(() -> Head.decode(bytes))
                .isInstanceOf(StorException.TooNew.class)
                .hasMessageContaining("format version 2");
    }

    @Property
    void damageIsNoticedOrHarmless(@ForAll @IntRange(max = 94) int at, @ForAll byte value) throws StorException {
        byte[] bytes = WITH_CHECKPOINT.encode();
        bytes[at] = value;
        try {
            assertThat(Head.decode(bytes).encode()).isEqualTo(bytes);
        } catch (StorException refused) {
            assertThat(refused).hasMessageContaining("head");
        }
    }

    @Property
    void anyCutIsNoticed(@ForAll @IntRange(max = 94) int length) {
        byte[] bytes = Arrays.copyOf(WITH_CHECKPOINT.encode(), length);
        assertThatThrownBy(() -> Head.decode(bytes)).isInstanceOf(StorException.Damaged.class);
    }
}
