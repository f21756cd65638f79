package org.qsfs.stor.stripe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.qsfs.encryption.AttemptId;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StripeLayout;

class ShardFormatTest {
    private static final VolumeId VOLUME = new VolumeId(0x1011121314151617L, 0x18191a1b1c1d1e1fL);
    private static final AttemptId ATTEMPT_ID = new AttemptId(0x2021222324252627L, 0x28292a2b2c2d2e2fL);
    private static final Attempt ATTEMPT = new Attempt(
            VOLUME,
            SegmentId.meta(0x31, 0x42),
            ATTEMPT_ID,
            7,
            new RedundancyPolicy(2, 5, 1, 3),
            new StripeLayout(10_000, 4096));
    private static final ShardHeader HEADER = new ShardHeader(ATTEMPT, 2, 4, Compression.ZSTD, 1000);

    private static byte[] value() {
        byte[] value = new byte[HEADER.valueLength()];
        HEADER.encodeTo(value);
        return value;
    }

    @Test
    void headerIsAsDocumented() throws StorException {
        byte[] value = value();
        assertThat(HexFormat.of().formatHex(value, 0, ShardHeader.HEADER_BYTES))
                .isEqualTo(
                        "5153465348415244" // magic
                                + "0001" // version
                                + "01" // meta
                                + "01" // zstd
                                + "00000007" // key version
                                + "101112131415161718191a1b1c1d1e1f"
                                + "202122232425262728292a2b2c2d2e2f"
                                + "0000000000000031" // epoch
                                + "00000042" // number
                                + "00000002" // stripe
                                + "0004" // shard
                                + "0002" // k
                                + "0005" // n
                                + "0001" // groups
                                + "0003" // nodes
                                + "0000"
                                + "00001000" // stripe size
                                + "00000003" // stripes
                                + "00000710" // plain: 10000 - 8192
                                + "000003e8" // stored
                                + "000001fc" // payload: (1000 + 16) / 2
                                + "0000000000002710"); // segment
        assertThat(value).hasSize(104 + 508 + 16);
        assertThat(ShardHeader.decode(value)).isEqualTo(HEADER);
    }

    @Test
    void associatedDataIsAsDocumented() {
        assertThat(HexFormat.of().formatHex(HEADER.associatedData()))
                .isEqualTo(
                        "5153465353545250" // label
                                + "0001" // version
                                + "01" // meta
                                + "01" // zstd
                                + "00000042" // number
                                + "101112131415161718191a1b1c1d1e1f"
                                + "202122232425262728292a2b2c2d2e2f"
                                + "0000000000000031" // epoch
                                + "00000002" // stripe
                                + "00000003" // stripes
                                + "00000710" // plain
                                + "000003e8" // stored
                                + "0000000000002710"); // segment
    }

    @Test
    void nameIsAsDocumented() {
        ShardName name = new ShardName(VOLUME, ATTEMPT_ID, 0x51, 0x61);
        assertThat(HexFormat.of().formatHex(name.encode()))
                .isEqualTo("53" + "101112131415161718191a1b1c1d1e1f" + "202122232425262728292a2b2c2d2e2f" + "00000051"
                        + "0061");
        assertThat(ShardName.decode(name.encode())).contains(name);
        assertThat(ShardName.decode(Arrays.copyOf(name.encode(), 38))).isEmpty();
        assertThat(ShardName.decode("qsfs-head".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .isEmpty();
    }

    @Test
    void wholeVolumeOfBytesHasShardsThatFitInAValue() {
        Attempt widest = new Attempt(
                VOLUME,
                SegmentId.data(1, 1),
                ATTEMPT_ID,
                1,
                RedundancyPolicy.of(1, 1),
                new StripeLayout(1L << 32, StripeLayout.MAX_STRIPE_SIZE));
        ShardHeader header = new ShardHeader(widest, 0, 0, Compression.RAW, StripeLayout.MAX_STRIPE_SIZE);
        assertThat(header.valueLength()).isLessThanOrEqualTo(8 << 20);
    }

    @Property
    void headerSurvivesAnyByteFlip(@ForAll @IntRange(max = 103) int at, @ForAll byte flip) {
        byte[] value = value();
        value[at] ^= flip;
        try {
            ShardHeader read = ShardHeader.decode(value);
            byte[] again = new byte[read.valueLength()];
            read.encodeTo(again);
            assertThat(Arrays.copyOf(again, 104)).isEqualTo(Arrays.copyOf(value, 104));
        } catch (StorException refused) {
            assertThat(flip).isNotZero();
        }
    }

    @Property
    void anyBytesAreNoShard(@ForAll @Size(max = 300) byte[] bytes) {
        assertThatThrownBy(() -> ShardHeader.decode(bytes)).isInstanceOf(StorException.class);
    }
}
