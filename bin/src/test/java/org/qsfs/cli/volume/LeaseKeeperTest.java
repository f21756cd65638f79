package org.qsfs.cli.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.etcd.EtcdCatalog;
import org.qsfs.metadata.etcd.EtcdCluster;
import org.qsfs.metadata.etcd.EtcdConfig;
import org.qsfs.metadata.writer.BootClock;

@DisplayName("A writer whose lease was lost because etcd did not answer")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LeaseKeeperTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final long SECONDS_TO_WAIT = 30;

    @TempDir
    static Path directory;

    private EtcdCluster etcd;
    private EtcdCatalog catalog;
    private WriterLease lease;
    private final BlockingQueue<WriterLease> regained = new ArrayBlockingQueue<>(10);
    private final BlockingQueue<String> over = new ArrayBlockingQueue<>(10);
    private final AtomicLong suspended = new AtomicLong();
    private final List<EtcdCatalog> others = new ArrayList<>();
    private int volumes;

    @BeforeAll
    void startEtcd() {
        etcd = EtcdCluster.start(directory, 1);
    }

    @AfterAll
    void stopEtcd() {
        etcd.close();
    }

    @BeforeEach
    void acquire() {
        volumes++;
        regained.clear();
        over.clear();
        suspended.set(0);
        catalog = connect();
        lease = catalog.acquire(LeaseRequest.fresh("first"));
    }

    @AfterEach
    void heal() {
        etcd.heal();
        catalog.close();
        others.forEach(EtcdCatalog::close);
        others.clear();
    }

    @Test
    @DisplayName("gets it back in the same epoch when etcd is back, and writes under it")
    void regained() throws Exception {
        try (LeaseKeeper keeper = keeper(LONG)) {
            assertThat(keeper).isNotNull();
            loseLease();
            assertThat(over).isEmpty();
            etcd.resume(0);
            WriterLease again = next(regained);
            assertThat(again.epoch()).isEqualTo(lease.epoch());
            assertThat(again.isHeld()).isTrue();
            assertThat(commitUnder(lease)).as("the lost one stays lost").isFalse();
            assertThat(commitUnder(again)).isTrue();

            etcd.suspend(0);
            awaitLoss(again);
            etcd.resume(0);
            assertThat(commitUnder(next(regained)))
                    .as("it is got back a second time")
                    .isTrue();
        }
        assertThat(over).isEmpty();
        WriterLease free = connectAndAcquire("second", false);
        assertThat(free.epoch()).as("the keeper gave the lease up").isEqualTo(lease.epoch() + 1);
    }

    @Test
    @DisplayName("is told that it is over when etcd stays away longer than lease_grace")
    void grace() throws Exception {
        try (LeaseKeeper keeper = keeper(Duration.ofSeconds(1))) {
            assertThat(keeper).isNotNull();
            loseLease();
            assertThat(next(over)).contains("lease_grace", "mount again");
        }
        assertThat(regained).isEmpty();
    }

    @Test
    @DisplayName("is told that it is over when the machine was suspended for longer than lease_grace")
    void suspended() throws Exception {
        try (LeaseKeeper keeper = keeper(LONG)) {
            assertThat(keeper).isNotNull();
            loseLease();
            @Nullable String reason = null;
            // again and again: the keeper may have begun to count after a suspension
            for (int i = 0; i < SECONDS_TO_WAIT && reason == null; i++) {
                suspended.addAndGet(LONG.toNanos());
                reason = over.poll(1, TimeUnit.SECONDS);
            }
            assertThat(reason).contains("lease_grace");
        }
    }

    @Test
    @DisplayName("is told that it is over when another writer has taken over meanwhile")
    void takenOver() throws Exception {
        try (LeaseKeeper keeper = keeper(LONG)) {
            assertThat(keeper).isNotNull();
            WriterLease other = connectAndAcquire("second", true);
            assertThat(next(over)).contains("taken the volume over");
            assertThat(other.isHeld()).isTrue();
            assertThat(other.epoch()).isEqualTo(lease.epoch() + 1);
        }
        assertThat(regained).isEmpty();
    }

    private LeaseKeeper keeper(Duration grace) {
        BootClock system = BootClock.system();
        return new LeaseKeeper(catalog, lease, grace, regained::add, over::add, () -> system.nanos() + suspended.get());
    }

    private void loseLease() {
        etcd.suspend(0);
        awaitLoss(lease);
    }

    private static void awaitLoss(WriterLease held) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_WAIT);
        while (held.isHeld()) {
            assertThat(System.nanoTime()).as("the lease is lost in time").isLessThan(deadline);
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        @Nullable T found = queue.poll(SECONDS_TO_WAIT, TimeUnit.SECONDS);
        assertThat(found).as("told within %d s", SECONDS_TO_WAIT).isNotNull();
        return java.util.Objects.requireNonNull(found);
    }

    private boolean commitUnder(WriterLease held) {
        return catalog.commit(CatalogTransaction.begin()
                        .ifHeld(held)
                        .put("key", new byte[] {1})
                        .build())
                .isPresent();
    }

    private WriterLease connectAndAcquire(String holder, boolean takeOver) {
        LeaseRequest request = LeaseRequest.fresh(holder);
        EtcdCatalog other = connect();
        others.add(other);
        return other.acquire(takeOver ? request.takingOver() : request);
    }

    private EtcdCatalog connect() {
        return new EtcdCatalog(EtcdConfig.of(etcd.endpoints(), "/lease-keeper/" + volumes + "/")
                .withTimes(Duration.ofSeconds(2), Duration.ofSeconds(2)));
    }
}
