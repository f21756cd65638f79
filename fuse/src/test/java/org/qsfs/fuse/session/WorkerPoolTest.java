package org.qsfs.fuse.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.qsfs.fs.Interruption;

@Timeout(30)
final class WorkerPoolTest {
    private static final Runnable END = () -> {};

    private final BlockingQueue<Runnable> requests = new LinkedBlockingQueue<>();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicInteger made = new AtomicInteger();
    private final CountDownLatch idleEnd = new CountDownLatch(1);

    private final class QueueWorker implements RequestSource.Worker {
        private final Interruption interruption = new Interruption(Interruption.Watch.NOTHING);
        private @Nullable Runnable request;

        @Override
        public boolean receive() {
            try {
                request = requests.take();
                if (request == END) {
                    requests.add(END);
                    return false;
                }
                return true;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void handle() {
            request.run();
        }

        @Override
        public Interruption interruption() {
            return interruption;
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    private WorkerPool pool(int limit, Runnable afterLast) {
        return pool("test", limit, afterLast);
    }

    private WorkerPool pool(String name, int limit, Runnable afterLast) {
        WorkerPool pool = new WorkerPool(
                queue -> {
                    made.incrementAndGet();
                    return new QueueWorker();
                },
                name,
                limit,
                afterLast);
        pool.start();
        return pool;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void slowRequestsDoNotHoldUpOthersBelowTheLimit() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        int count = 2 * Runtime.getRuntime().availableProcessors() + 6;
        CountDownLatch slow = new CountDownLatch(count);
        CountDownLatch quick = new CountDownLatch(1);
        WorkerPool pool = pool(count + 1, END);
        for (int i = 0; i < count; i++) {
            requests.add(() -> {
                slow.countDown();
                await(release);
            });
        }
        await(slow);
        requests.add(quick::countDown);
        await(quick);
        release.countDown();
        requests.add(END);
        assertThat(pool.awaitEnd(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void slowRequestsAfterACalmTimeDoNotHoldUpOthersEither() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        int count = Runtime.getRuntime().availableProcessors() + 4;
        CountDownLatch slow = new CountDownLatch(count);
        WorkerPool pool = pool("calm", count, END);
        Thread supervisor = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("calm-supervisor"))
                .findAny()
                .orElseThrow();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (supervisor.getState() != Thread.State.WAITING) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
        for (int i = 0; i < count; i++) {
            requests.add(() -> {
                slow.countDown();
                await(release);
            });
        }
        await(slow);
        release.countDown();
        requests.add(END);
        assertThat(pool.awaitEnd(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void neverHasMoreThreadsThanTheLimit() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(3);
        AtomicInteger done = new AtomicInteger();
        WorkerPool pool = pool(3, END);
        for (int i = 0; i < 10; i++) {
            requests.add(() -> {
                running.countDown();
                await(release);
                done.incrementAndGet();
            });
        }
        await(running);
        assertThat(made).hasValue(3);
        assertThat(requests).hasSize(7);
        release.countDown();
        requests.add(END);
        assertThat(pool.awaitEnd(Duration.ofSeconds(20))).isTrue();
        assertThat(done).hasValue(10);
        assertThat(closed).hasValue(made.get());
    }

    @Test
    void startsNoThreadAfterTheLast() throws Exception {
        AtomicInteger actions = new AtomicInteger();
        AtomicInteger madeAtTheEnd = new AtomicInteger();
        WorkerPool pool = pool(8, () -> {
            actions.incrementAndGet();
            madeAtTheEnd.set(made.get());
            // a slow action: long enough for the supervisor to find that nobody waits and nobody answers
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        });
        requests.add(END);
        assertThat(pool.awaitEnd(Duration.ofSeconds(20))).isTrue();
        assertThat(actions).hasValue(1);
        assertThat(made).hasValue(madeAtTheEnd.get());
    }

    @Test
    void runsTheLastActionOnceBeforeTheEndIsTold() throws Exception {
        AtomicInteger actions = new AtomicInteger();
        WorkerPool pool = pool(3, actions::incrementAndGet);
        assertThat(pool.hasEnded()).isFalse();
        requests.add(END);
        pool.awaitEnd();
        assertThat(actions).hasValue(1);
        assertThat(pool.hasEnded()).isTrue();
    }

    /** A kernel with a queue for each of two processors, beside the first for all others. */
    private final class ThreeQueues implements RequestSource {
        private final AtomicInteger[] workers = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
        private final AtomicInteger tidied = new AtomicInteger();

        @Override
        public int queues() {
            return 3;
        }

        @Override
        public int workersPerQueue() {
            return 5;
        }

        @Override
        public Worker newWorker(int queue) {
            workers[queue].incrementAndGet();
            return queue == 1 ? new QueueWorker() : new IdleWorker();
        }

        @Override
        public void tidy() {
            tidied.incrementAndGet();
        }
    }

    /** Sees no request, only the end. */
    private final class IdleWorker implements RequestSource.Worker {
        private final Interruption interruption = new Interruption(Interruption.Watch.NOTHING);

        @Override
        public boolean receive() {
            await(idleEnd);
            return false;
        }

        @Override
        public void handle() {
            throw new AssertionError("no request came");
        }

        @Override
        public Interruption interruption() {
            return interruption;
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    @Test
    void aQueueOfAProcessorHasItsWorkersFromBeginToEnd() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch slow = new CountDownLatch(5);
        AtomicInteger done = new AtomicInteger();
        ThreeQueues source = new ThreeQueues();
        WorkerPool pool = new WorkerPool(source, "queues", 10, END);
        pool.start();
        for (int i = 0; i < 8; i++) {
            requests.add(() -> {
                slow.countDown();
                await(release);
                done.incrementAndGet();
            });
        }
        await(slow);
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        assertThat(requests).hasSize(3);
        assertThat(source.workers[0]).hasValue(1);
        assertThat(source.workers[1]).hasValue(5);
        assertThat(source.workers[2]).hasValue(5);
        release.countDown();
        CountDownLatch again = new CountDownLatch(5);
        for (int i = 0; i < 5; i++) {
            requests.add(() -> {
                again.countDown();
                await(again);
            });
        }
        await(again);
        idleEnd.countDown();
        requests.add(END);
        assertThat(pool.awaitEnd(Duration.ofSeconds(20))).isTrue();
        assertThat(done).hasValue(8);
        assertThat(made).hasValue(0);
        assertThat(closed).hasValue(11);
    }

    @Test
    void theFirstQueueStillGetsMoreWorkersWhileTheSupervisorTidies() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        CountDownLatch tidied = new CountDownLatch(1);
        WorkerPool pool = new WorkerPool(
                new RequestSource() {
                    @Override
                    public int queues() {
                        return 2;
                    }

                    @Override
                    public int workersPerQueue() {
                        return 1;
                    }

                    @Override
                    public Worker newWorker(int queue) {
                        return queue == 0 ? new QueueWorker() : new IdleWorker();
                    }

                    @Override
                    public void tidy() {
                        tidied.countDown();
                    }
                },
                "grows",
                4,
                END);
        pool.start();
        await(tidied);
        for (int i = 0; i < 2; i++) {
            requests.add(() -> {
                both.countDown();
                await(both);
            });
        }
        await(both);
        idleEnd.countDown();
        requests.add(END);
        assertThat(pool.awaitEnd(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void tidiesWhileRequestsComeAndAfterTheLastAndThenRests() throws Exception {
        ThreeQueues source = new ThreeQueues();
        WorkerPool pool = new WorkerPool(source, "tidy", 10, END);
        pool.start();
        awaitCalm(source);
        int atRest = source.tidied.get();
        CountDownLatch answered = new CountDownLatch(1);
        requests.add(answered::countDown);
        await(answered);
        awaitCalm(source);
        assertThat(source.tidied).hasValueGreaterThan(atRest);
        idleEnd.countDown();
        requests.add(END);
        assertThat(pool.awaitEnd(Duration.ofSeconds(20))).isTrue();
    }

    /** Waits until it has tidied and not again for two and a half seconds. */
    private static void awaitCalm(ThreeQueues source) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        int before = -1;
        while (source.tidied.get() != before) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            before = source.tidied.get();
            LockSupport.parkNanos(Duration.ofMillis(2500).toNanos());
        }
    }
}
