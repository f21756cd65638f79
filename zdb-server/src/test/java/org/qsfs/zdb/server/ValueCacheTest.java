package org.qsfs.zdb.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.qsfs.zdb.engine.ValueIdentity;
import org.qsfs.zdb.engine.Version;

final class ValueCacheTest {
    private static final int LENGTH = 100_000;
    private final Object store = new Object();
    private final ValueCache cache = new ValueCache(ValueCache.SEGMENT_BYTES);

    private ValueIdentity identity(int number, int length) {
        return new ValueIdentity(store, new Version(0, 34 * number, 0, 100 * number, length, 0, number * 0x01234567));
    }

    /** Bytes that only this number has, in two parts. */
    private static ByteBuffer[] value(int number, int length) {
        byte[] bytes = new byte[length];
        new Random(number).nextBytes(bytes);
        int middle = length / 3;
        return new ByteBuffer[] {ByteBuffer.wrap(bytes, 0, middle), ByteBuffer.wrap(bytes, middle, length - middle)};
    }

    private static ByteBuffer whole(int number, int length) {
        return ByteBuffer.wrap(value(number, length)[0].array());
    }

    private void read(int number, int length, int times) {
        for (int i = 0; i < times; i++) {
            cache.wasRead(identity(number, length), value(number, length));
        }
    }

    private boolean isHere(int number, int length) {
        try (ValueCache.Lease lease = cache.find(identity(number, length))) {
            return lease != null && lease.value().equals(whole(number, length));
        }
    }

    @Test
    void aValueIsTakenWhenItIsReadAgain() {
        read(1, LENGTH, 1);
        assertThat(isHere(1, LENGTH)).isFalse();
        assertThat(cache.usedBytes()).isZero();
        read(1, LENGTH, 1);
        assertThat(isHere(1, LENGTH)).isTrue();
        assertThat(isHere(2, LENGTH)).isFalse();
    }

    @Test
    void anotherStoreHasOtherValues() {
        read(1, LENGTH, 2);
        Version version = identity(1, LENGTH).version();
        assertThat(cache.find(new ValueIdentity(new Object(), version))).isNull();
    }

    @Test
    void everyPartOfAVersionTellsItFromOthers() {
        Version kept = new Version(1, 2, 3, 4, LENGTH, 6, 7);
        for (int i = 0; i < 2; i++) {
            cache.wasRead(new ValueIdentity(store, kept), value(1, LENGTH));
        }
        assertThat(List.of(
                        new Version(9, 2, 3, 4, LENGTH, 6, 7),
                        new Version(1, 9, 3, 4, LENGTH, 6, 7),
                        new Version(1, 2, 9, 4, LENGTH, 6, 7),
                        new Version(1, 2, 3, 9, LENGTH, 6, 7),
                        new Version(1, 2, 3, 4, LENGTH + 1, 6, 7),
                        new Version(1, 2, 3, 4, LENGTH, 6, 9)))
                .allSatisfy(other ->
                        assertThat(cache.find(new ValueIdentity(store, other))).isNull());
    }

    @Test
    void onlyLengthsThatAreWorthItAreTaken() {
        int[] lengths = {ValueCache.SHORTEST - 1, ValueCache.SHORTEST, ValueCache.LONGEST, ValueCache.LONGEST + 1};
        boolean[] expected = {false, true, true, false};
        for (int i = 0; i < lengths.length; i++) {
            read(i, lengths[i], 3);
            assertThat(isHere(i, lengths[i])).as("%d bytes", lengths[i]).isEqualTo(expected[i]);
        }
    }

    @Test
    void withoutMemoryNothingIsTaken() {
        ValueCache none = new ValueCache(ValueCache.SEGMENT_BYTES - 1);
        for (int i = 0; i < 3; i++) {
            none.wasRead(identity(1, LENGTH), value(1, LENGTH));
        }
        assertThat(none.find(identity(1, LENGTH))).isNull();
        assertThat(none.usedBytes()).isZero();
    }

    @Test
    void theMemoryIsUsedAgainButNotWhileSomebodyReads() {
        int more = ValueCache.SEGMENT_BYTES / LENGTH;
        read(0, LENGTH, 2);
        try (ValueCache.Lease lease = cache.find(identity(0, LENGTH))) {
            for (int i = 1; i <= 2 * more; i++) {
                read(i, LENGTH, 2);
            }
            assertThat(lease.value()).isEqualTo(whole(0, LENGTH));
            assertThat(isHere(2 * more, LENGTH)).as("there was no room for it").isFalse();
        }
        read(2 * more, LENGTH, 1);
        assertThat(isHere(2 * more, LENGTH)).isTrue();
        assertThat(isHere(0, LENGTH)).isFalse();
        assertThat(cache.usedBytes()).isEqualTo(ValueCache.SEGMENT_BYTES);
    }

    @Test
    void manyThreadsGetTheRightBytes() throws InterruptedException {
        List<String> wrong = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger found = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Random random = new Random(t);
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 4000; i++) {
                    int number = random.nextInt(100);
                    int length = ValueCache.SHORTEST + 1000 * number;
                    try (ValueCache.Lease lease = cache.find(identity(number, length))) {
                        if (lease == null) {
                            read(number, length, 1);
                        } else if (lease.value().equals(whole(number, length))) {
                            found.incrementAndGet();
                        } else {
                            wrong.add("value " + number);
                        }
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).isEmpty();
        assertThat(found.get()).isPositive();
    }
}
