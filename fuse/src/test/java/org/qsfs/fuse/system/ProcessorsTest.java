package org.qsfs.fuse.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ProcessorsTest {
    private static final int THIS_THREAD = 0;

    private BitSet usual;

    @BeforeEach
    void machineHasSeveral() {
        usual = allowed();
        Assumptions.assumeTrue(usual.cardinality() > 1, "one processor only");
    }

    private static BitSet allowed() {
        try (Arena arena = Arena.ofConfined()) {
            return Processors.get(THIS_THREAD, arena);
        }
    }

    private static BitSet only(int processor) {
        BitSet set = new BitSet();
        set.set(processor);
        return set;
    }

    private static void inAThread(Runnable test) throws Exception {
        FutureTask<?> task = new FutureTask<>(test, null);
        Thread.ofPlatform().start(task);
        task.get();
    }

    @Test
    void aThreadIsPinnedAndFreeAgain() throws Exception {
        int last = usual.length() - 1;
        inAThread(() -> {
            Processors.pin(last);
            assertThat(allowed()).isEqualTo(only(last));
            Processors.freeInheritors();
            assertThat(allowed()).isEqualTo(only(last));
            Processors.unpin();
            assertThat(allowed()).isEqualTo(usual);
        });
    }

    @Test
    void whatAPinnedThreadStartsIsFreed() throws Exception {
        CountDownLatch freed = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        FutureTask<BitSet> after = new FutureTask<>(() -> {
            assertThat(allowed().cardinality()).isEqualTo(1);
            begun.countDown();
            freed.await();
            return allowed();
        });
        inAThread(() -> {
            Processors.pin(usual.nextSetBit(0));
            Thread.ofPlatform().start(after);
            Processors.unpin();
        });
        begun.await();
        Processors.freeInheritors();
        freed.countDown();
        assertThat(after.get()).isEqualTo(usual);
    }

    @Test
    void aProcessorThatIsNotThereIsNotAsked() throws Exception {
        inAThread(() -> {
            Processors.pin(4000);
            assertThat(allowed()).isEqualTo(usual);
            Processors.unpin();
            assertThat(allowed()).isEqualTo(usual);
        });
    }
}
