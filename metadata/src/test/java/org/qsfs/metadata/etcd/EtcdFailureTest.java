package org.qsfs.metadata.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.Fencing;
import org.qsfs.metadata.LeaseHeldException;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.BootClock;

/** Three members, of which some die, hang and come back. */
@Timeout(90)
class EtcdFailureTest {

    private static final Duration DEADLINE = Duration.ofSeconds(3);
    private static final Duration TTL = Duration.ofSeconds(2);

    private static EtcdCluster cluster;

    private final EtcdConfig config =
            EtcdConfig.of(cluster.endpoints(), "/test/" + UUID.randomUUID()).withTimes(DEADLINE, TTL);
    private final Catalog catalog = new EtcdCatalog(config);

    @BeforeAll
    static void start(@TempDir Path directory) {
        cluster = EtcdCluster.start(directory, 3);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @AfterEach
    void close() {
        catalog.close();
        cluster.heal();
    }

    private OptionalLong put(String value) {
        return catalog.commit(
                CatalogTransaction.begin().put("key", value.getBytes(UTF_8)).build());
    }

    private String value() {
        return new String(catalog.get("key").orElseThrow().value(), UTF_8);
    }

    /** Fails as unavailable, at the deadline or before, but not much later. */
    private void assertUnavailable() {
        long start = System.nanoTime();
        assertThatThrownBy(() -> put("x"))
                .isInstanceOf(CatalogException.Unavailable.class)
                .hasMessageContaining(cluster.endpoints().getFirst())
                .hasMessageContaining("majority");
        assertThatThrownBy(() -> catalog.get("key")).isInstanceOf(CatalogException.Unavailable.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThan(DEADLINE.multipliedBy(2).plusSeconds(3));
    }

    private void awaitUsable() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                catalog.checkWritable();
                return;
            } catch (CatalogException.Unavailable e) {
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
        }
    }

    @Test
    @DisplayName("any one of three members may die")
    void minorityDies() {
        put("0");
        for (int i = 0; i < 3; i++) {
            cluster.kill(i);
            assertThat(put("with " + i + " dead")).isPresent();
            assertThat(value()).isEqualTo("with " + i + " dead");
            cluster.restart(i);
            cluster.awaitHealthy();
        }
    }

    @Test
    @DisplayName("any one of three members may hang")
    void minorityHangs() {
        put("0");
        for (int i = 0; i < 3; i++) {
            cluster.suspend(i);
            try {
                assertThat(put("with " + i + " hanging")).isPresent();
                assertThat(value()).isEqualTo("with " + i + " hanging");
            } finally {
                cluster.resume(i);
            }
            cluster.awaitHealthy();
        }
    }

    @Test
    void majorityDies() {
        put("before");
        cluster.kill(0);
        cluster.kill(1);
        try {
            assertUnavailable();
        } finally {
            cluster.restart(0);
            cluster.restart(1);
        }
        awaitUsable();
        assertThat(value()).isIn("before", "x");
        cluster.awaitHealthy();
    }

    @Test
    @Tag("long")
    void majorityHangs() {
        put("before");
        cluster.suspend(0);
        cluster.suspend(1);
        try {
            assertUnavailable();
        } finally {
            cluster.resume(0);
            cluster.resume(1);
        }
        awaitUsable();
        cluster.awaitHealthy();
    }

    @Test
    @DisplayName("a writer cut off from the cluster knows that it lost the lease before anybody else can have it")
    void leaseExpires() throws Exception {
        CompletableFuture<String> reason = new CompletableFuture<>();
        try (WriterLease lease = catalog.acquire(LeaseRequest.fresh("anna"))) {
            lease.onLost(reason::complete);
            cluster.kill(1);
            cluster.kill(2);
            try {
                assertThat(reason.get(TTL.toMillis() + 3000, TimeUnit.MILLISECONDS))
                        .contains("could not be renewed");
                assertThat(lease.isHeld()).isFalse();
            } finally {
                cluster.restart(1);
                cluster.restart(2);
            }
            awaitUsable();
            cluster.awaitHealthy();
            assertThat(catalog.commit(CatalogTransaction.begin()
                            .ifHeld(lease)
                            .put("key", new byte[1])
                            .build()))
                    .isEmpty();
            try (WriterLease again = catalog.acquire(LeaseRequest.resume("anna", 1))) {
                assertThat(again.epoch()).as("nobody took over meanwhile").isEqualTo(1);
            }
        }
    }

    @Test
    @DisplayName("a lease survives the loss of one member")
    void leaseSurvives() {
        try (WriterLease lease = catalog.acquire(LeaseRequest.fresh("anna"))) {
            for (int i = 0; i < 2; i++) {
                cluster.kill(i);
                long until = System.nanoTime() + TTL.toNanos();
                while (System.nanoTime() < until) {
                    assertThat(catalog.commit(CatalogTransaction.begin()
                                    .ifHeld(lease)
                                    .put("key", new byte[1])
                                    .build()))
                            .as("lease with member %d dead", i)
                            .isPresent();
                }
                cluster.restart(i);
                cluster.awaitHealthy();
            }
        }
    }

    @Test
    @DisplayName("after the machine slept the lease is lost at once")
    void sleep() {
        AtomicLong skipped = new AtomicLong();
        BootClock sleepy = () -> System.nanoTime() + skipped.get();
        try (EtcdCatalog sleeper = new EtcdCatalog(config, sleepy)) {
            WriterLease lease = sleeper.acquire(LeaseRequest.fresh("laptop"));
            assertThat(lease.isHeld()).isTrue();
            skipped.set(Duration.ofHours(1).toNanos());
            assertThat(lease.isHeld()).isFalse();
        }
    }

    @Test
    @DisplayName("a released lease is free at once, not when it expires")
    void release() {
        catalog.acquire(LeaseRequest.fresh("anna")).release();
        assertThat(catalog.get(CatalogKeys.HOLDER)).isEmpty();
        assertThat(catalog.acquire(LeaseRequest.fresh("berta")).epoch()).isEqualTo(2);
    }

    @Test
    @Tag("long")
    @DisplayName("no commit of an older epoch comes after one of a newer, while members die, hang and come back")
    void fencingUnderFailures() throws Exception {
        CompletableFuture<Integer> epochs = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try {
                epochs.complete(Fencing.compete(() -> new EtcdCatalog(config), 4, Duration.ofSeconds(25)));
            } catch (Throwable e) {
                epochs.completeExceptionally(e);
            }
        });
        long seed = System.nanoTime();
        Random random = new Random(seed);
        while (!epochs.isDone()) {
            int member = random.nextInt(3);
            boolean hang = random.nextBoolean();
            if (hang) {
                cluster.suspend(member);
            } else {
                cluster.kill(member);
            }
            try {
                epochs.get(500 + random.nextInt(1500), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // the usual case: they go on
            } finally {
                if (hang) {
                    cluster.resume(member);
                } else {
                    cluster.restart(member);
                }
            }
        }
        cluster.awaitHealthy();
        assertThat(epochs.get()).as("seed %d", seed).isGreaterThan(3);
    }

    @Test
    @DisplayName("a lost answer is not taken for a lost commit")
    void lostAnswer() throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(cluster.endpoints().getFirst());
                EtcdCatalog behind =
                        new EtcdCatalog(EtcdConfig.of(List.of(proxy.endpoint()), "/test/" + UUID.randomUUID())
                                .withTimes(DEADLINE, TTL))) {
            behind.checkWritable();
            for (int i = 0; i < 5; i++) {
                proxy.cutNextAnswer();
                String key = "key" + i;
                OptionalLong revision = behind.commit(CatalogTransaction.begin()
                        .ifAbsent(key)
                        .put(key, new byte[] {1})
                        .build());
                assertThat(proxy.hasCut()).isTrue();
                assertThat(revision).hasValue(behind.get(key).orElseThrow().revision());
            }
            long there = behind.get("key0").orElseThrow().revision();
            proxy.cutNextAnswer();
            assertThat(behind.commit(CatalogTransaction.begin()
                            .ifRevision("key0", there)
                            .delete("key0")
                            .build()))
                    .as("a delete")
                    .isPresent();
            assertThat(proxy.hasCut()).isTrue();
            proxy.cutNextAnswer();
            assertThat(behind.commit(CatalogTransaction.begin()
                            .ifAbsent("key1")
                            .put("key1", new byte[] {1})
                            .build()))
                    .as("what was there before is no sign of success")
                    .isEmpty();
            assertThat(proxy.hasCut()).isTrue();
            proxy.cutNextAnswer();
            WriterLease lease = behind.acquire(LeaseRequest.fresh("anna"));
            assertThat(lease.epoch()).isEqualTo(1);
            assertThatThrownBy(() -> behind.acquire(LeaseRequest.fresh("berta")))
                    .isInstanceOf(LeaseHeldException.class);
        }
    }

    @Test
    @DisplayName(
            "a slow cluster is waited for within the deadline, and a lease on it lives on; a slower one is unavailable in time")
    void slow() throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(cluster.endpoints().getFirst());
                EtcdCatalog behind =
                        new EtcdCatalog(EtcdConfig.of(List.of(proxy.endpoint()), "/test/" + UUID.randomUUID())
                                .withTimes(DEADLINE, TTL))) {
            behind.checkWritable();
            WriterLease lease = behind.acquire(LeaseRequest.fresh("anna"));
            proxy.delayAnswers(Duration.ofMillis(200));
            long end = System.nanoTime() + TTL.toNanos() * 2;
            for (int i = 0; System.nanoTime() < end; i++) {
                assertThat(behind.commit(CatalogTransaction.begin()
                                .ifHeld(lease)
                                .put("slow", new byte[] {(byte) i})
                                .build()))
                        .isPresent();
            }
            assertThat(lease.isHeld()).isTrue();
            proxy.delayAnswers(DEADLINE.multipliedBy(3));
            long start = System.nanoTime();
            assertThatThrownBy(() -> behind.get("slow")).isInstanceOf(CatalogException.Unavailable.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(DEADLINE.plusSeconds(3));
        }
    }

    @Test
    @DisplayName(
            "revisions that somebody compacts away in the middle of a listing are not missed, nor by conditions on them")
    void compacted() throws Exception {
        CatalogTransaction.Builder many = CatalogTransaction.begin();
        for (int i = 0; i < CatalogTransaction.MAX_OPERATIONS; i++) {
            many.put("one/%03d".formatted(i), new byte[] {1});
        }
        long first = catalog.commit(many.build()).orElseThrow();
        for (int round = 0; round < 12; round++) {
            CatalogTransaction.Builder more = CatalogTransaction.begin();
            for (int i = 0; i < CatalogTransaction.MAX_OPERATIONS; i++) {
                more.put("two/%02d/%03d".formatted(round, i), new byte[] {2});
            }
            catalog.commit(more.build());
        }
        try (EtcdSession session = new EtcdSession(EtcdConfig.of(cluster.endpoints(), "/x"))) {
            List<String> seen = new ArrayList<>();
            catalog.scan("", entry -> {
                if (seen.isEmpty()) {
                    long newest = put("moving on").orElseThrow();
                    session.call("compact", client -> client.getKVClient().compact(newest));
                }
                seen.add(entry.key());
            });
            assertThat(seen).hasSizeGreaterThanOrEqualTo(13 * CatalogTransaction.MAX_OPERATIONS);
        }
        assertThat(catalog.get("one/007").orElseThrow().revision()).isEqualTo(first);
        assertThat(catalog.commit(CatalogTransaction.begin()
                        .ifRevision("one/007", first)
                        .put("one/007", new byte[] {3})
                        .build()))
                .isPresent();
    }

    @Test
    void nobodyListens() {
        try (EtcdCatalog lost = new EtcdCatalog(
                EtcdConfig.of(List.of("127.0.0.1:1", "127.0.0.1:2"), "/x").withTimes(Duration.ofSeconds(1), TTL))) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> lost.get("key"))
                    .isInstanceOf(CatalogException.Unavailable.class)
                    .hasMessageContaining("127.0.0.1:1");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        }
    }

    @Test
    void prefixesAreApart() {
        put("mine");
        try (EtcdCatalog other = new EtcdCatalog(EtcdConfig.of(cluster.endpoints(), config.prefix() + "x"))) {
            assertThat(other.list("")).isEmpty();
            assertThat(other.get("key")).isEmpty();
        }
        try (EtcdCatalog sibling = new EtcdCatalog(EtcdConfig.of(
                cluster.endpoints(),
                config.prefix().substring(0, config.prefix().length() - 2)))) {
            assertThat(sibling.list("")).as("half a name is another name").isEmpty();
        }
    }
}
