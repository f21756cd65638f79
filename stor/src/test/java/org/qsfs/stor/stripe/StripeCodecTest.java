package org.qsfs.stor.stripe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.qsfs.encryption.AttemptId;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.erasure.ReedSolomon;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StripeLayout;

class StripeCodecTest {
    private static final int STRIPE = 128 << 10;
    private static final VolumeKeys KEYS = VolumeKeys.generate(VolumeId.random());

    private static StripeCodec codec(int k, int n, long segmentLength, AttemptId id) throws Exception {
        Attempt attempt = new Attempt(
                KEYS.volume(),
                SegmentId.data(3, 7),
                id,
                1,
                RedundancyPolicy.of(k, n),
                new StripeLayout(segmentLength, STRIPE));
        return new StripeCodec(
                attempt,
                KEYS.attempt(1, id, attempt.segment().namespace().code(), 7),
                ReedSolomon.of(k, n - k),
                new Scratch(STRIPE, 1));
    }

    /** Bytes of which about that many percent are the same. */
    private static byte[] bytes(int length, int samePercent, Random random) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        for (int from = 0; from < length; from += 1000) {
            Arrays.fill(bytes, from, Math.min(length, from + 10 * samePercent), (byte) 7);
        }
        return bytes;
    }

    @Test
    void arraysThatWereUsedBeforeDoNotChangeTheValues() throws Exception {
        Random random = new Random(11);
        AttemptId id = AttemptId.random();
        byte[] first = bytes(STRIPE, 0, random);
        byte[] second = bytes(STRIPE, 0, random);
        byte[] fresh = new byte[0];
        try (StripeCodec codec = codec(3, 5, 2 * STRIPE, id)) {
            byte[][] values = codec.encode(1, second);
            fresh = values[2].clone();
        }
        try (StripeCodec codec = codec(3, 5, 2 * STRIPE, id)) {
            byte[][] values = codec.encode(0, first);
            for (byte[] value : values) {
                Arrays.fill(value, (byte) 0xEE);
            }
            codec.releaseValues(values);
            byte[][] again = codec.encode(1, second);
            assertThat(again).isSameAs(values);
            assertThat(again[2]).as("with the padding").isEqualTo(fresh);
        }
    }

    @Property(tries = 200)
    void anyKShardsGiveTheStripeBack(
            @ForAll @IntRange(min = 1, max = 12) int k,
            @ForAll @IntRange(max = 8) int m,
            @ForAll @IntRange(min = 1, max = 3 * STRIPE) int segmentLength,
            @ForAll @IntRange(max = 99) int samePercent,
            @ForAll long seed)
            throws Exception {
        Random random = new Random(seed);
        byte[] segment = bytes(segmentLength, samePercent, random);
        try (StripeCodec codec = codec(k, k + m, segmentLength, AttemptId.random())) {
            for (int stripe = 0; stripe < codec.attempt().layout().stripes(); stripe++) {
                int from = stripe * STRIPE;
                byte[] plain = Arrays.copyOfRange(
                        segment, from, from + codec.attempt().layout().length(stripe));
                byte[][] values = codec.encode(stripe, plain);
                ShardHeader header = headerOf(codec, stripe, values);
                List<Integer> lost = shuffled(k + m, random).subList(0, m);
                byte[][] left = values.clone();
                lost.forEach(shard -> left[shard] = null);
                byte[][] again = left.clone();
                assertThat(codec.decode(header, left)).isEqualTo(plain);
                codec.regenerate(header, again, lost);
                for (int shard : lost) {
                    assertThat(again[shard]).isEqualTo(values[shard]);
                }
            }
        }
    }

    @Property(tries = 300)
    void anyChangeOfAShardIsNoticed(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        try (StripeCodec codec = codec(2, 4, 20_000, AttemptId.random())) {
            byte[][] values = codec.encode(0, bytes(20_000, 50, random));
            int shard = random.nextInt(4);
            byte[] changed = values[shard].clone();
            changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(codec.check(0, shard, values[shard])).isInstanceOf(ShardCheck.Good.class);
            assertThat(codec.check(0, shard, changed)).isInstanceOf(ShardCheck.Bad.class);
            assertThat(codec.check(0, shard, Arrays.copyOf(changed, random.nextInt(changed.length))))
                    .isInstanceOf(ShardCheck.Bad.class);
        }
    }

    @Test
    void swappedReplayedAndForeignShardsAreNoticed() throws Exception {
        byte[] plain = bytes(STRIPE, 0, new Random(1));
        try (StripeCodec codec = codec(2, 4, 2 * STRIPE, AttemptId.random());
                StripeCodec later = codec(2, 4, 2 * STRIPE, AttemptId.random())) {
            byte[][] values = codec.encode(0, plain);
            byte[][] replayed = later.encode(0, plain);
            assertThat(codec.check(0, 1, values[0])).isInstanceOf(ShardCheck.Bad.class);
            assertThat(codec.check(1, 0, values[0])).isInstanceOf(ShardCheck.Bad.class);
            assertThat(codec.check(0, 0, replayed[0]))
                    .isInstanceOfSatisfying(
                            ShardCheck.Bad.class,
                            bad -> assertThat(bad.reason())
                                    .contains(later.attempt().id().toString())
                                    .contains(codec.attempt().id().toString()));
            assertThat(codec.check(0, 0, new byte[0])).isInstanceOf(ShardCheck.Bad.class);
        }
    }

    @Test
    void otherKeysNoticeThatAShardIsNotTheirs() throws Exception {
        AttemptId id = AttemptId.random();
        VolumeKeys others = VolumeKeys.generate(KEYS.volume());
        try (StripeCodec codec = codec(2, 4, 100, id);
                StripeCodec wrong = new StripeCodec(
                        codec.attempt(),
                        others.attempt(1, id, (byte) 0, 7),
                        ReedSolomon.of(2, 2),
                        new Scratch(STRIPE, 1))) {
            byte[][] values = codec.encode(0, new byte[100]);
            assertThat(wrong.check(0, 0, values[0]))
                    .isInstanceOfSatisfying(
                            ShardCheck.Bad.class,
                            bad -> assertThat(bad.reason()).contains("MAC"));
        }
    }

    @Test
    void compressibleStripesAreStoredSmallAndOthersRaw() throws Exception {
        try (StripeCodec codec = codec(2, 4, 3 * STRIPE, AttemptId.random())) {
            Random random = new Random(2);
            ShardHeader same = headerOf(codec, 0, codec.encode(0, bytes(STRIPE, 90, random)));
            ShardHeader noise = headerOf(codec, 1, codec.encode(1, bytes(STRIPE, 0, random)));
            byte[] zerosThenNoise = bytes(STRIPE, 0, random);
            Arrays.fill(zerosThenNoise, 0, STRIPE / 2, (byte) 0);
            ShardHeader half = headerOf(codec, 2, codec.encode(2, zerosThenNoise));
            assertThat(same.compression()).isEqualTo(Compression.ZSTD);
            assertThat(same.storedLength()).isLessThan(STRIPE / 5);
            assertThat(noise.compression()).isEqualTo(Compression.RAW);
            assertThat(half.compression()).isEqualTo(Compression.ZSTD);
        }
    }

    @Test
    void aStripeIsEncryptedOnce() throws Exception {
        try (StripeCodec codec = codec(2, 4, 100, AttemptId.random())) {
            codec.encode(0, new byte[100]);
            assertThatThrownBy(() -> codec.encode(0, new byte[100])).isInstanceOf(IllegalStateException.class);
        }
    }

    private static ShardHeader headerOf(StripeCodec codec, int stripe, byte[][] values) {
        ShardHeader header = null;
        for (int shard = 0; shard < values.length; shard++) {
            ShardCheck check = codec.check(stripe, shard, values[shard]);
            assertThat(check).isInstanceOf(ShardCheck.Good.class);
            header = ((ShardCheck.Good) check).header();
        }
        assertThat(header).isNotNull();
        return header;
    }

    private static List<Integer> shuffled(int count, Random random) {
        List<Integer> shards = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        Collections.shuffle(shards, random);
        return shards;
    }
}
