package org.qsfs.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReedSolomonTest {
    /** A code and bytes to code with it; everything else follows from the seed. */
    record Case(int k, int m, int offset, int length, long seed) {
        ReedSolomon coder() {
            return ReedSolomon.of(k, m, seed % 2 == 0 ? new ScalarKernel() : new VectorKernel());
        }

        /** Encoded shards with random bytes before and behind them. */
        byte[][] encoded() {
            Random random = new Random(seed);
            byte[][] shards = new byte[k + m][offset + length + 9];
            for (byte[] shard : shards) {
                random.nextBytes(shard);
            }
            coder().encode(shards, offset, length);
            return shards;
        }

        /** At most m shards are lost. */
        boolean[] present() {
            Random random = new Random(seed + 1);
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, k + m).boxed().toList());
            Collections.shuffle(order, random);
            boolean[] present = new boolean[k + m];
            Arrays.fill(present, true);
            order.subList(0, random.nextInt(m + 1)).forEach(i -> present[i] = false);
            return present;
        }
    }

    @Provide
    Arbitrary<Case> cases() {
        Arbitrary<Integer> small = Arbitraries.integers().between(1, 20);
        Arbitrary<Integer> large = Arbitraries.integers().between(1, 200);
        return Combinators.combine(
                        Arbitraries.oneOf(small, large),
                        Arbitraries.integers().between(0, 56),
                        Arbitraries.integers().between(0, 100),
                        Arbitraries.oneOf(
                                Arbitraries.integers().between(0, 300),
                                Arbitraries.integers().between(8000, 20_000)),
                        Arbitraries.longs())
                .as((k, m, offset, length, seed) -> new Case(k, k > 20 ? m / 7 : m, offset, length, seed));
    }

    @Property(tries = 150)
    void anyKShardsGiveAllBack(@ForAll("cases") Case c) {
        byte[][] shards = c.encoded();
        boolean[] present = c.present();
        byte[][] damaged = withGarbage(shards, present, c);
        c.coder().reconstruct(damaged, present, c.offset(), c.length());
        assertThat(damaged).isDeepEqualTo(shards);
    }

    @Property(tries = 100)
    void onlyWantedShardsAreTouched(@ForAll("cases") Case c) {
        byte[][] shards = c.encoded();
        boolean[] present = c.present();
        boolean[] wanted = new boolean[present.length];
        Random random = new Random(c.seed() + 2);
        byte[][] damaged = withGarbage(shards, present, c);
        byte[][] expected = new byte[shards.length][];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = random.nextBoolean();
            if (!wanted[i] && !present[i]) {
                damaged[i] = null; // an unwanted missing shard needs no array
            } else {
                expected[i] = shards[i];
            }
        }
        c.coder().reconstruct(damaged, present, wanted, c.offset(), c.length());
        assertThat(damaged).isDeepEqualTo(expected);
    }

    @Property(tries = 60)
    void memorySegmentsGiveTheSameBytes(@ForAll("cases") Case c) {
        byte[][] shards = c.encoded();
        boolean[] present = c.present();
        byte[][] damaged = withGarbage(shards, present, c);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment[] encoded = new MemorySegment[shards.length];
            MemorySegment[] repaired = new MemorySegment[shards.length];
            for (int i = 0; i < shards.length; i++) {
                encoded[i] = arena.allocate(shards[i].length);
                encoded[i].copyFrom(MemorySegment.ofArray(shards[i]));
                if (i >= c.k()) {
                    encoded[i].asSlice(c.offset(), c.length()).fill((byte) 0x55);
                }
                repaired[i] = i % 2 == 0 ? arena.allocate(shards[i].length) : MemorySegment.ofArray(damaged[i]);
                repaired[i].copyFrom(MemorySegment.ofArray(damaged[i].clone()));
            }
            c.coder().encode(encoded, c.offset(), c.length());
            c.coder().reconstruct(repaired, present, c.offset(), c.length());
            for (int i = 0; i < shards.length; i++) {
                MemorySegment expected = MemorySegment.ofArray(shards[i]);
                assertThat(encoded[i].mismatch(expected)).isEqualTo(-1);
                assertThat(repaired[i].mismatch(expected)).isEqualTo(-1);
            }
            assertThat(c.coder().verify(encoded, c.offset(), c.length())).isTrue();
        }
    }

    @Property(tries = 100)
    void verifyFindsOneFlippedBit(@ForAll("cases") Case c) {
        byte[][] shards = c.encoded();
        assertThat(c.coder().verify(shards, c.offset(), c.length())).isTrue();
        if (c.m() > 0 && c.length() > 0) {
            Random random = new Random(c.seed() + 3);
            int shard = random.nextInt(shards.length);
            shards[shard][c.offset() + random.nextInt(c.length())] ^= (byte) (1 << random.nextInt(8));
            assertThat(c.coder().verify(shards, c.offset(), c.length())).isFalse();
            MemorySegment[] segments =
                    Arrays.stream(shards).map(MemorySegment::ofArray).toArray(MemorySegment[]::new);
            assertThat(c.coder().verify(segments, c.offset(), c.length())).isFalse();
        }
    }

    @Test
    void everyLossOfACodeIsRepaired() {
        Case c = new Case(4, 3, 3, 200, 8);
        byte[][] shards = c.encoded();
        ReedSolomon coder = c.coder();
        int repaired = 0;
        for (int loss = 0; loss < 1 << 7; loss++) {
            if (Integer.bitCount(loss) <= 3) {
                boolean[] present = new boolean[7];
                for (int i = 0; i < 7; i++) {
                    present[i] = (loss >> i & 1) == 0;
                }
                byte[][] damaged = withGarbage(shards, present, c);
                coder.reconstruct(damaged, present, c.offset(), c.length());
                assertThat(damaged).isDeepEqualTo(shards);
                repaired++;
            }
        }
        assertThat(repaired).isEqualTo(1 + 7 + 21 + 35);
    }

    @Test
    void withoutParityThereIsNothingToCompute() {
        ReedSolomon coder = ReedSolomon.of(3, 0);
        byte[][] shards = new byte[3][10];
        coder.encode(shards, 0, 10);
        assertThat(coder.verify(shards, 0, 10)).isTrue();
        coder.reconstruct(shards, new boolean[] {true, true, true}, 0, 10);
        assertThatThrownBy(() -> coder.reconstruct(shards, new boolean[] {true, false, true}, 0, 10))
                .hasMessageContaining("cannot reconstruct shards [1]: 2 of 3 shards are present, 3 are needed");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "-1, 5", "1, -1", "200, 57", "257, 0", "2147483647, 2147483647"})
    void impossibleCodesAreRefused(int k, int m) {
        assertThatThrownBy(() -> ReedSolomon.of(k, m))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(k + " data and " + m + " parity");
    }

    @Test
    void wrongArraysAreNamed() {
        ReedSolomon coder = ReedSolomon.of(2, 1);
        assertThatThrownBy(() -> coder.encode(new byte[2][5], 0, 5)).hasMessageContaining("expected 3");
        assertThatThrownBy(() -> coder.encode(new byte[][] {new byte[5], new byte[4], new byte[5]}, 1, 4))
                .hasMessageContaining("shard 1 is of 4 bytes; expected at least 4 bytes from offset 1");
        assertThatThrownBy(() -> coder.encode(new byte[3][5], -1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> coder.encode(new byte[3][5], 3, Integer.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> coder.reconstruct(new byte[3][5], new boolean[] {true, true}, 0, 5))
                .hasMessageContaining("2 flags for present shards");
        assertThatThrownBy(() -> coder.reconstruct(
                        new byte[][] {new byte[5], new byte[5], null}, new boolean[] {true, true, false}, 0, 5))
                .hasMessageContaining("shard 2 is null");
    }

    @Test
    void decodePlansAreKeptButBounded() {
        RepairPlans plans = new RepairPlans(2);
        RepairPlan plan = new RepairPlan(new int[] {0}, new int[] {1}, new ScalarKernel().prepare(new byte[][] {{1}}));
        RepairPlan.Situation a = new RepairPlan.Situation("10", "01");
        RepairPlan.Situation b = new RepairPlan.Situation("100", "010");
        RepairPlan.Situation c = new RepairPlan.Situation("1000", "0100");
        plans.get(a, () -> plan);
        plans.get(b, () -> plan);
        assertThat(plans.get(a, () -> {
                    throw new AssertionError("not kept");
                }))
                .isSameAs(plan);
        plans.get(c, () -> plan);
        assertThat(plans.size()).isEqualTo(2);
        List<String> made = new ArrayList<>();
        plans.get(b, () -> {
            made.add("b");
            return plan;
        });
        assertThat(made).as("the least recently used one went").containsExactly("b");
    }

    private static byte[][] withGarbage(byte[][] shards, boolean[] present, Case c) {
        byte[][] damaged = new byte[shards.length][];
        for (int i = 0; i < shards.length; i++) {
            damaged[i] = shards[i].clone();
            if (!present[i]) {
                Arrays.fill(damaged[i], c.offset(), c.offset() + c.length(), (byte) 0x5A);
            }
        }
        return damaged;
    }
}
