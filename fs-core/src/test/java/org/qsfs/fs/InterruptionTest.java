package org.qsfs.fs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("Interruption")
@Timeout(60)
class InterruptionTest {
    private static final CompletableFuture<Void> NEVER = new CompletableFuture<>();

    private final List<Long> watched = new ArrayList<>();
    private final Interruption interruption = new Interruption(watched::add);

    private static void assertInterrupted(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINTR));
    }

    @Test
    @DisplayName("ends a wait that has begun")
    void waiting() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        Thread server = Thread.ofPlatform()
                .start(() -> interruption.during(() -> {
                    interruption.begin(7);
                    began.countDown();
                    assertInterrupted(() -> Interruption.await(NEVER));
                    interruption.end();
                }));
        began.await();
        while (server.getState() != Thread.State.WAITING && server.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertThat(interruption.interrupt(7)).isTrue();
        server.join();
    }

    @Test
    @DisplayName("ends a wait that begins later in the same request, and every other one of it")
    void beforeTheWait() {
        interruption.during(() -> {
            interruption.begin(7);
            assertThat(interruption.interrupt(7)).isTrue();
            assertInterrupted(() -> Interruption.park(this, Long.MAX_VALUE));
            assertInterrupted(() -> Interruption.await(NEVER));
            assertInterrupted(Interruption::check);
        });
    }

    @Test
    @DisplayName("does not concern other requests: before, after, or unknown")
    void others() {
        interruption.during(() -> {
            assertThat(interruption.interrupt(7)).isFalse();
            interruption.begin(7);
            assertThat(interruption.interrupt(8)).isFalse();
            interruption.end();
            assertThat(interruption.interrupt(7)).isFalse();
            interruption.begin(8);
            assertThat(interruption.interrupt(7)).isFalse();
            assertThat(interruption.interrupt(8)).isTrue();
            interruption.end();
            interruption.begin(9);
            assertNotInterrupted();
            interruption.end();
        });
        assertThat(Interruption.isPossible()).isFalse();
    }

    @Test
    @DisplayName("does not concern a later request of the same number")
    void numberUsedAgain() {
        interruption.during(() -> {
            interruption.begin(7);
            assertThat(interruption.interrupt(7)).isTrue();
            assertInterrupted(Interruption::check);
            interruption.end();
            interruption.begin(7);
            assertNotInterrupted();
            assertThat(watched).containsExactly(7L, 7L);
            assertThat(interruption.interrupt(7)).isTrue();
            assertInterrupted(Interruption::check);
        });
    }

    private static void assertNotInterrupted() {
        try {
            Interruption.check();
            Interruption.park(NEVER, 1);
            assertThat(Interruption.await(CompletableFuture.completedFuture("result")))
                    .isEqualTo("result");
        } catch (FsException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @DisplayName("hears of interrupts from the first wait of each request on")
    void watches() {
        interruption.during(() -> {
            interruption.begin(7);
            interruption.end();
            interruption.begin(8);
            assertNotInterrupted();
            assertNotInterrupted();
            interruption.end();
            interruption.begin(9);
            assertNotInterrupted();
        });
        assertThat(watched).containsExactly(8L, 9L);
    }

    @Test
    @DisplayName("outside of a server waits end when their work does, or the thread is interrupted")
    void outside() throws Exception {
        CompletableFuture<String> work = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> work.complete("result"));
        assertThat(Interruption.await(work)).isEqualTo("result");
        assertThatThrownBy(() -> Interruption.await(CompletableFuture.failedFuture(new IllegalStateException())))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
        Thread.currentThread().interrupt();
        assertInterrupted(() -> Interruption.await(NEVER));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    @DisplayName("reaches exactly its request, however late it comes and whatever else comes at the same time")
    void races() throws Exception {
        long requests = 20_000;
        AtomicLong served = new AtomicLong();
        Queue<Long> taken = new ConcurrentLinkedQueue<>();
        List<Long> ended = new ArrayList<>();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<?> server = threads.submit(() -> interruption.during(() -> {
                for (long request = 1; request <= requests; request++) {
                    interruption.begin(request);
                    served.set(request);
                    // even ones wait until somebody interrupts them, odd ones do not wait
                    if (request % 2 == 0) {
                        assertInterrupted(() -> Interruption.await(NEVER));
                        ended.add(request);
                    }
                    interruption.end();
                }
            }));
            List<Future<?>> callers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                callers.add(threads.submit(() -> {
                    while (!server.isDone()) {
                        long now = served.get();
                        // the one before is over: nobody may take this for an interrupt of another
                        interruption.interrupt(now - 1);
                        if (interruption.interrupt(now)) {
                            taken.add(now);
                        }
                        LockSupport.parkNanos(100);
                    }
                }));
            }
            server.get();
            for (Future<?> caller : callers) {
                caller.get();
            }
        }
        assertThat(ended).hasSize((int) requests / 2);
        assertThat(taken).containsAll(ended);
    }
}
