package org.qsfs.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every catalog does. */
@Timeout(60)
public abstract class CatalogContract {

    private final List<Catalog> opened = new ArrayList<>();
    private Catalog catalog;

    /** Opens one more client of this test's store, which is empty at the beginning. */
    protected abstract Catalog open();

    /** Whether several processes may commit at once; else one of them writes, and another takes over only when told so. */
    protected boolean concurrent() {
        return true;
    }

    private Catalog connect() {
        Catalog catalog = open();
        opened.add(catalog);
        return catalog;
    }

    @BeforeEach
    void openFirst() {
        catalog = connect();
    }

    @AfterEach
    void closeAll() {
        opened.forEach(Catalog::close);
    }

    protected static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    protected static CatalogTransaction put(String key, String value) {
        return CatalogTransaction.begin().put(key, bytes(value)).build();
    }

    protected static String text(Catalog catalog, String key) {
        return catalog.get(key).map(entry -> new String(entry.value(), UTF_8)).orElse("(none)");
    }

    protected static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited 20 s until " + what).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Nested
    class Map {

        @Test
        void isEmptyAtFirst() {
            assertThat(catalog.get("a")).isEmpty();
            assertThat(catalog.list("")).isEmpty();
            catalog.checkWritable();
        }

        @Test
        void tellsWhatWasPut() {
            long first = catalog.commit(put("segments/1", "one")).orElseThrow();
            assertThat(text(catalog, "segments/1")).isEqualTo("one");
            assertThat(catalog.get("segments/1").orElseThrow().revision()).isEqualTo(first);
            long second = catalog.commit(put("segments/1", "two")).orElseThrow();
            assertThat(second).isGreaterThan(first);
            assertThat(text(catalog, "segments/1")).isEqualTo("two");
        }

        @Test
        void deletes() {
            long before = catalog.commit(put("a", "1")).orElseThrow();
            assertThat(catalog.commit(CatalogTransaction.begin().delete("a").build()))
                    .isPresent();
            assertThat(catalog.get("a")).isEmpty();
            assertThat(catalog.commit(CatalogTransaction.begin().delete("never").build()))
                    .as("deleting nothing is no failure")
                    .isPresent();
            assertThat(catalog.commit(put("a", "1")).orElseThrow())
                    .as("a reborn key has a new revision")
                    .isGreaterThan(before);
        }

        @Test
        void keepsAnyBytes() {
            byte[] all = new byte[256];
            for (int i = 0; i < all.length; i++) {
                all[i] = (byte) i;
            }
            catalog.commit(CatalogTransaction.begin()
                    .put("all", all)
                    .put("none", new byte[0])
                    .build());
            assertThat(catalog.get("all").orElseThrow().value()).isEqualTo(all);
            assertThat(catalog.get("none").orElseThrow().value()).isEmpty();
        }

        @Test
        void takesLargeTransactions() {
            byte[] large = new byte[CatalogTransaction.MAX_BYTES / 100 - 100];
            new Random(1).nextBytes(large);
            CatalogTransaction.Builder transaction = CatalogTransaction.begin();
            for (int i = 0; i < CatalogTransaction.MAX_OPERATIONS; i++) {
                transaction.ifAbsent("large/" + i).put("large/" + i, large);
            }
            assertThat(catalog.commit(transaction.build())).isPresent();
            assertThat(catalog.get("large/99").orElseThrow().value()).isEqualTo(large);
        }

        @Test
        void listsInOrderPageByPage() {
            for (int from = 0; from < 1500; from += 100) {
                CatalogTransaction.Builder transaction = CatalogTransaction.begin();
                for (int i = from; i < from + 100; i++) {
                    transaction.put("list/%04d".formatted(i), bytes("v" + i));
                }
                catalog.commit(transaction.build());
            }
            catalog.commit(put("lisu", "after"));
            catalog.commit(put("lis", "before"));
            assertThat(catalog.list("list/")).hasSize(1500).satisfies(entries -> {
                for (int i = 0; i < entries.size(); i++) {
                    assertThat(entries.get(i).key()).isEqualTo("list/%04d".formatted(i));
                    assertThat(entries.get(i).value()).isEqualTo(bytes("v" + i));
                }
            });
            assertThat(catalog.list("list/000")).hasSize(10);
            assertThat(catalog.list("list/0001")).hasSize(1);
            assertThat(catalog.list("nothing")).isEmpty();
            assertThat(catalog.list("")).hasSize(1502);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "/a", "a/", "a//b", "a b", "ä", "a\n"})
        void refusesOddKeys(String key) {
            assertThatThrownBy(() -> catalog.get(key)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> put(key, "x")).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void otherClientsSeeIt() {
            Catalog other = connect();
            catalog.commit(put("a", "1"));
            assertThat(text(other, "a")).isEqualTo("1");
            other.commit(put("a", "2"));
            assertThat(text(catalog, "a")).isEqualTo("2");
            assertThat(catalog.list("")).hasSize(1);
        }
    }

    @Nested
    class Transactions {

        @Test
        void absent() {
            CatalogTransaction create = CatalogTransaction.begin()
                    .ifAbsent("a")
                    .put("a", bytes("1"))
                    .build();
            assertThat(catalog.commit(create)).isPresent();
            assertThat(catalog.commit(create)).isEmpty();
        }

        @Test
        void atRevision() {
            long revision = catalog.commit(put("a", "1")).orElseThrow();
            CatalogTransaction change = CatalogTransaction.begin()
                    .ifRevision("a", revision)
                    .put("a", bytes("2"))
                    .build();
            long next = catalog.commit(change).orElseThrow();
            assertThat(catalog.commit(change)).isEmpty();
            assertThat(catalog.commit(CatalogTransaction.begin()
                            .ifRevision("a", next)
                            .delete("a")
                            .build()))
                    .isPresent();
            assertThat(catalog.commit(CatalogTransaction.begin()
                            .ifRevision("a", next)
                            .put("a", bytes("3"))
                            .build()))
                    .as("it is gone")
                    .isEmpty();
        }

        @Test
        void allOrNothing() {
            catalog.commit(put("a", "1"));
            OptionalLong result = catalog.commit(CatalogTransaction.begin()
                    .ifAbsent("b")
                    .ifAbsent("a")
                    .put("b", bytes("1"))
                    .delete("a")
                    .build());
            assertThat(result).isEmpty();
            assertThat(text(catalog, "a")).isEqualTo("1");
            assertThat(catalog.get("b")).isEmpty();
        }

        @Test
        void sameRevisionForAll() {
            long revision = catalog.commit(CatalogTransaction.begin()
                            .put("a", bytes("1"))
                            .put("b", bytes("1"))
                            .build())
                    .orElseThrow();
            assertThat(catalog.list("")).extracting(CatalogEntry::revision).containsExactly(revision, revision);
        }

        @Test
        void conditionsAlone() {
            catalog.commit(put("a", "1"));
            assertThat(catalog.commit(CatalogTransaction.begin().ifAbsent("b").build()))
                    .isPresent();
            assertThat(catalog.commit(CatalogTransaction.begin().ifAbsent("a").build()))
                    .isEmpty();
        }

        @Test
        @DisplayName("two clients with two threads each count without losing one")
        void compete() throws Exception {
            Assumptions.assumeTrue(concurrent(), "one writer, and a takeover by an operator only");
            Catalog other = connect();
            catalog.commit(put("counter", "0"));
            List<CompletableFuture<Void>> workers = new ArrayList<>();
            for (Catalog client : List.of(catalog, catalog, other, other)) {
                CompletableFuture<Void> done = new CompletableFuture<>();
                workers.add(done);
                Thread.ofVirtual().start(() -> {
                    try {
                        for (int i = 0; i < 25; i++) {
                            increment(client);
                        }
                        done.complete(null);
                    } catch (RuntimeException e) {
                        done.completeExceptionally(e);
                    }
                });
            }
            for (CompletableFuture<Void> worker : workers) {
                worker.get(40, TimeUnit.SECONDS);
            }
            assertThat(text(catalog, "counter")).isEqualTo("100");
        }

        private static void increment(Catalog client) {
            while (true) {
                CatalogEntry now = client.get("counter").orElseThrow();
                int next = Integer.parseInt(new String(now.value(), UTF_8)) + 1;
                if (client.commit(CatalogTransaction.begin()
                                .ifRevision("counter", now.revision())
                                .put("counter", bytes(Integer.toString(next)))
                                .build())
                        .isPresent()) {
                    return;
                }
            }
        }

        @Test
        @DisplayName("any sequence of transactions leaves what a plain map would")
        void likeAMap() {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            java.util.Map<String, String> model = new TreeMap<>();
            for (int i = 0; i < 150; i++) {
                CatalogTransaction.Builder transaction = CatalogTransaction.begin();
                TreeMap<String, String> after = new TreeMap<>(model);
                boolean holds = true;
                for (String key : List.of("k/" + random.nextInt(5), "l/" + random.nextInt(5))) {
                    if (random.nextInt(4) == 0) {
                        transaction.ifAbsent(key);
                        holds &= !model.containsKey(key);
                    } else if (random.nextInt(4) == 0) {
                        transaction.ifRevision(
                                key,
                                catalog.get(key).map(CatalogEntry::revision).orElse(7L));
                        holds &= model.containsKey(key);
                    }
                    if (random.nextInt(3) == 0) {
                        transaction.delete(key);
                        after.remove(key);
                    } else {
                        transaction.put(key, bytes("v" + i));
                        after.put(key, "v" + i);
                    }
                }
                assertThat(catalog.commit(transaction.build()).isPresent())
                        .as("step %d of seed %d", i, seed)
                        .isEqualTo(holds);
                if (holds) {
                    model = after;
                }
                TreeMap<String, String> found = new TreeMap<>();
                catalog.scan("", entry -> found.put(entry.key(), new String(entry.value(), UTF_8)));
                assertThat(found).as("step %d of seed %d", i, seed).isEqualTo(model);
            }
        }
    }

    @Nested
    class Lease {

        @Test
        void beginsWithEpochOne() {
            WriterLease lease = catalog.acquire(LeaseRequest.fresh("anna"));
            assertThat(lease.epoch()).isEqualTo(1);
            assertThat(lease.holder()).isEqualTo("anna");
            assertThat(lease.isHeld()).isTrue();
            lease.release();
            assertThat(lease.isHeld()).isFalse();
        }

        @Test
        void sameWriterContinuesItsEpoch() {
            catalog.acquire(LeaseRequest.fresh("anna")).release();
            assertThat(catalog.acquire(LeaseRequest.resume("anna", 1)).epoch()).isEqualTo(1);
        }

        @Test
        @DisplayName("after a crash the same machine need not wait for its own lease to expire")
        void sameWriterReplacesItself() {
            WriterLease crashed = catalog.acquire(LeaseRequest.fresh("anna"));
            WriterLease again = connect().acquire(LeaseRequest.resume("anna", 1));
            assertThat(again.epoch()).isEqualTo(1);
            assertThat(commitWith(catalog, crashed, "from the grave")).isEmpty();
            await("it notices", () -> !crashed.isHeld());
            assertThat(again.isHeld()).isTrue();
        }

        @Test
        void newMachineRaisesTheEpoch() {
            catalog.acquire(LeaseRequest.fresh("anna")).release();
            WriterLease lease = catalog.acquire(LeaseRequest.fresh("berta"));
            assertThat(lease.epoch()).isEqualTo(2);
            assertThat(text(catalog, CatalogKeys.EPOCH)).isEqualTo("2");
        }

        @Test
        void isRefusedWhileHeld() {
            Instant before = Instant.now().minus(Duration.ofSeconds(2));
            catalog.acquire(LeaseRequest.fresh("anna@first machine"));
            Catalog other = connect();
            assertThatThrownBy(() -> other.acquire(LeaseRequest.fresh("berta")))
                    .isInstanceOfSatisfying(LeaseHeldException.class, e -> {
                        assertThat(e.holder()).isEqualTo("anna@first machine");
                        assertThat(e.since()).isBetween(before, Instant.now());
                    })
                    .hasMessageContaining("anna@first machine")
                    .hasMessageContaining("--takeover");
            assertThatThrownBy(() -> other.acquire(LeaseRequest.resume("berta", 1)))
                    .isInstanceOf(LeaseHeldException.class);
        }

        @Test
        void takeOver() {
            WriterLease old = catalog.acquire(LeaseRequest.fresh("anna"));
            CompletableFuture<String> reason = new CompletableFuture<>();
            old.onLost(reason::complete);
            Catalog other = connect();
            WriterLease lease = other.acquire(LeaseRequest.fresh("berta").takingOver());
            assertThat(lease.epoch()).isEqualTo(2);
            assertThat(commitWith(catalog, old, "late")).isEmpty();
            assertThat(catalog.get("data")).isEmpty();
            assertThat(reason).succeedsWithin(Duration.ofSeconds(10)).asString().contains("took over");
            assertThat(old.isHeld()).isFalse();
            assertThat(commitWith(other, lease, "ours")).isPresent();
            old.release();
            assertThat(lease.isHeld()).as("the loser's release does no harm").isTrue();
            assertThat(commitWith(other, lease, "still ours")).isPresent();
        }

        @Test
        @DisplayName("a takeover is noticed without a commit")
        void takeOverOfAnIdleWriter() {
            WriterLease old = catalog.acquire(LeaseRequest.fresh("anna"));
            connect().acquire(LeaseRequest.fresh("berta").takingOver());
            await("the idle writer notices", () -> !old.isHeld());
        }

        @Test
        void forkIsRefused() {
            catalog.acquire(LeaseRequest.fresh("anna")).release();
            catalog.acquire(LeaseRequest.fresh("berta")).release();
            assertThatThrownBy(() -> catalog.acquire(LeaseRequest.resume("anna", 1)))
                    .isInstanceOf(SupersededException.class)
                    .hasMessageContaining("epoch 1")
                    .hasMessageContaining("epoch 2")
                    .hasMessageContaining("--discard-local");
            assertThatThrownBy(
                            () -> catalog.acquire(LeaseRequest.resume("anna", 1).takingOver()))
                    .isInstanceOf(SupersededException.class);
        }

        @Test
        void olderCatalogIsRefused() {
            assertThatThrownBy(() -> catalog.acquire(LeaseRequest.resume("anna", 3)))
                    .isInstanceOf(CatalogBehindException.class)
                    .hasMessageContaining("epoch 3");
        }

        @Test
        @DisplayName("a catalog that was lost begins above every epoch that was seen elsewhere")
        void aboveWhatWasSeen() {
            WriterLease lease = catalog.acquire(LeaseRequest.fresh("anna").havingSeen(7));
            assertThat(lease.epoch()).isEqualTo(8);
            assertThat(text(catalog, CatalogKeys.EPOCH)).isEqualTo("8");
            lease.release();
            assertThat(catalog.acquire(LeaseRequest.fresh("anna").havingSeen(3)).epoch())
                    .isEqualTo(9);
        }

        @Test
        @DisplayName("a catalog that was lost lets the machine of the newest epoch go on in it, and no older one")
        void newestGoesOn() {
            assertThatThrownBy(() ->
                            catalog.acquire(LeaseRequest.resume("berta", 6).havingSeen(7)))
                    .isInstanceOf(SupersededException.class);
            WriterLease lease = catalog.acquire(LeaseRequest.resume("anna", 7).havingSeen(7));
            assertThat(lease.epoch()).isEqualTo(7);
            assertThat(text(catalog, CatalogKeys.EPOCH)).isEqualTo("7");
            lease.release();
            assertThat(catalog.acquire(LeaseRequest.resume("anna", 7)).epoch()).isEqualTo(7);
        }

        @Test
        void commitsNeedTheLease() {
            WriterLease lease = catalog.acquire(LeaseRequest.fresh("anna"));
            assertThat(commitWith(catalog, lease, "1")).isPresent();
            lease.release();
            assertThat(commitWith(catalog, lease, "2")).isEmpty();
            assertThat(text(catalog, "data")).isEqualTo("1");
        }

        @Test
        void lateListenerIsTold() {
            WriterLease lease = catalog.acquire(LeaseRequest.fresh("anna"));
            connect().acquire(LeaseRequest.fresh("berta").takingOver());
            await("it notices", () -> !lease.isHeld());
            CompletableFuture<String> reason = new CompletableFuture<>();
            lease.onLost(reason::complete);
            assertThat(reason).succeedsWithin(Duration.ofSeconds(5));
        }

        @Test
        @DisplayName("when the holder dies the lease is free after a while")
        void holderDies() {
            Assumptions.assumeTrue(concurrent(), "one writer, and a takeover by an operator only");
            Catalog dying = open();
            WriterLease lease = dying.acquire(LeaseRequest.fresh("anna"));
            dying.close();
            assertThat(lease.isHeld()).isFalse();
            await("the lease is free", () -> {
                try {
                    return catalog.acquire(LeaseRequest.fresh("berta")).epoch() == 2;
                } catch (LeaseHeldException e) {
                    return false;
                }
            });
        }

        @Test
        @DisplayName("of many who start at once exactly one wins each epoch")
        void race() throws Exception {
            Assumptions.assumeTrue(concurrent(), "one writer, and a takeover by an operator only");
            AtomicLong winners = new AtomicLong();
            List<CompletableFuture<Void>> racers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Catalog own = connect();
                String name = "racer " + i;
                racers.add(CompletableFuture.runAsync(() -> {
                    try {
                        own.acquire(LeaseRequest.fresh(name));
                        winners.incrementAndGet();
                    } catch (LeaseHeldException e) {
                        assertThat(e.holder()).startsWith("racer");
                    }
                }));
            }
            for (CompletableFuture<Void> racer : racers) {
                racer.get(30, TimeUnit.SECONDS);
            }
            assertThat(winners).hasValue(1);
            assertThat(text(catalog, CatalogKeys.EPOCH)).isEqualTo("1");
        }

        @Test
        @DisplayName(
                "however often writers take over from each other, no commit of an older epoch comes after one of a newer")
        void fencing() throws Exception {
            Assumptions.assumeTrue(concurrent(), "one writer, and a takeover by an operator only");
            Fencing.compete(CatalogContract.this::open, 3, Duration.ofSeconds(2));
        }

        private static OptionalLong commitWith(Catalog client, WriterLease lease, String value) {
            return client.commit(CatalogTransaction.begin()
                    .ifHeld(lease)
                    .put("data", bytes(value))
                    .build());
        }
    }
}
