package org.qsfs.metadata.zdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.LeaseHeldException;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.Mutation;
import org.qsfs.metadata.WriterLease;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbTimeouts;

@DisplayName("A catalog in four zdb namespaces")
@Timeout(120)
class ZdbCatalogFailureTest {
    private static final String SCOPE = "qsfs/volume";

    @TempDir
    Path directory;

    private ZdbCluster cluster;
    private final List<Catalog> opened = new ArrayList<>();

    @BeforeEach
    void start() {
        cluster = new ZdbCluster(directory, 4);
    }

    @AfterEach
    void stop() {
        opened.forEach(Catalog::close);
        cluster.close();
    }

    @Test
    @DisplayName("is read with any two of them, whole, and listed")
    void anyTwo() {
        ZdbCatalog catalog = open();
        put(catalog, "a", "1");
        put(catalog, "b", "x".repeat(10_001));
        put(catalog, "gone", "1");
        catalog.commit(CatalogTransaction.begin().delete("gone").build());
        for (int one = 0; one < 4; one++) {
            for (int two = one + 1; two < 4; two++) {
                cluster.stop(one);
                cluster.stop(two);
                Catalog reader = open();
                assertThat(text(reader, "a")).isEqualTo("1");
                assertThat(text(reader, "b")).hasSize(10_001);
                assertThat(reader.get("gone")).isEmpty();
                assertThat(reader.list("")).extracting(CatalogEntry::key).containsExactly("a", "b");
                cluster.start(one);
                cluster.start(two);
            }
        }
        for (int node = 0; node < 3; node++) {
            cluster.stop(node);
        }
        Catalog reader = open();
        assertThatThrownBy(() -> reader.get("a"))
                .isInstanceOf(CatalogException.Unavailable.class)
                .hasMessageContaining("only 1 of 4");
        assertThatThrownBy(() -> reader.list("")).isInstanceOf(CatalogException.Unavailable.class);
    }

    @Test
    @DisplayName("is written with three, and with two only when told so")
    void writes() {
        ZdbCatalog catalog = open();
        put(catalog, "a", "1");
        cluster.stop(1);
        put(catalog, "a", "2");
        cluster.stop(2);
        assertThatThrownBy(() -> put(catalog, "a", "3"))
                .isInstanceOf(CatalogException.Unavailable.class)
                .hasMessageContaining("only 2 of 4")
                .hasMessageContaining("expected 3");
        assertThatThrownBy(catalog::checkWritable).isInstanceOf(CatalogException.Unavailable.class);

        cluster.start(1);
        cluster.start(2);
        put(catalog, "a", "4");
        cluster.stop(0);
        cluster.stop(3);
        Catalog told = open(config -> config.withMinimalWrites(true));
        // one more answer is needed to know what was written last when two are enough to write
        assertThatThrownBy(() -> put(told, "a", "5")).isInstanceOf(CatalogException.Unavailable.class);
        cluster.start(0);
        put(told, "a", "5");
        assertThat(text(told, "a")).isEqualTo("5");
    }

    @Test
    @DisplayName("never shows an old value as the current one, whichever namespace is behind and whichever two answer")
    void stale() {
        ZdbCatalog catalog = open();
        put(catalog, "a", "old");
        put(catalog, "b", "old");
        cluster.stop(3);
        put(catalog, "a", "new");
        catalog.commit(CatalogTransaction.begin().delete("b").build());
        cluster.start(3);
        for (int one = 0; one < 4; one++) {
            for (int two = one + 1; two < 4; two++) {
                for (int other : others(one, two)) {
                    cluster.stop(other);
                }
                Catalog reader = open();
                if (two == 3) {
                    assertThatThrownBy(() -> reader.get("a")).isInstanceOf(CatalogException.Unavailable.class);
                    assertThatThrownBy(() -> reader.get("b")).isInstanceOf(CatalogException.Unavailable.class);
                } else {
                    assertThat(text(reader, "a")).isEqualTo("new");
                    assertThat(reader.get("b")).isEmpty();
                }
                for (int other : others(one, two)) {
                    cluster.start(other);
                }
            }
        }
        assertThat(catalog.repair()).isTrue();
        cluster.stop(0);
        cluster.stop(1);
        assertThat(text(open(), "a")).isEqualTo("new");
        assertThat(open().get("b")).isEmpty();
    }

    @Test
    @DisplayName("refills one that was replaced by an empty one, and mends a rotten value")
    void replaced() {
        ZdbCatalog catalog = open();
        WriterLease lease = catalog.acquire(LeaseRequest.fresh("anna"));
        for (int i = 0; i < 200; i++) {
            put(catalog, "key/" + i, "value " + i);
        }
        cluster.replace(2);
        try (ZdbClient node = new ZdbClient(cluster.config(SCOPE).namespaces().getFirst())) {
            node.set(ShardFormat.valueName(SCOPE, 1, "key/7"), new byte[] {1, 2, 3});
        }
        assertThat(text(catalog, "key/7")).isEqualTo("value 7");
        assertThat(catalog.repair()).isTrue();
        cluster.stop(1);
        cluster.stop(3);
        Catalog reader = open();
        assertThat(reader.list("key/")).hasSize(200);
        assertThat(text(reader, "key/7")).isEqualTo("value 7");
        assertThat(text(reader, "writer/epoch")).isEqualTo("1");
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    @DisplayName(
            "shows a transaction whole that a crash left before its changes reached their names, and the next writer finishes it")
    void crashAfterCommit() {
        ZdbCatalog catalog = open();
        catalog.acquire(LeaseRequest.fresh("anna"));
        put(catalog, "a", "old");
        put(catalog, "b", "old");
        long revision = catalog.get("b").orElseThrow().revision() + 1;
        catalog.state()
                .writeTransaction(new Version(
                        "",
                        1,
                        revision,
                        Transactions.encode(
                                List.of(new Mutation.Put("a", "new".getBytes(UTF_8)), new Mutation.Delete("b")))));
        ZdbCatalog reader = open();
        assertThat(text(reader, "a")).isEqualTo("new");
        assertThat(reader.get("b")).isEmpty();
        assertThat(reader.list("")).extracting(CatalogEntry::key).contains("a").doesNotContain("b");

        ZdbCatalog next = open();
        WriterLease lease = next.acquire(LeaseRequest.fresh("berta").takingOver());
        assertThat(lease.epoch()).isEqualTo(2);
        assertThat(text(next, "a"))
                .as("a new epoch has no last transaction yet")
                .isEqualTo("new");
        assertThat(next.get("b")).isEmpty();
        put(next, "c", "1");
        assertThat(next.get("c").orElseThrow().revision()).isGreaterThan(revision);
    }

    @Test
    @DisplayName("does not let a writer that was taken over change what its successor has written")
    void fenced() {
        ZdbCatalog first = open();
        WriterLease old = first.acquire(LeaseRequest.fresh("anna"));
        put(first, "a", "by anna");
        ZdbCatalog second = open();
        assertThatThrownBy(() -> second.acquire(LeaseRequest.fresh("berta")))
                .isInstanceOf(LeaseHeldException.class)
                .hasMessageContaining("--takeover");
        second.acquire(LeaseRequest.fresh("berta").takingOver());
        put(second, "a", "by berta");
        // what was under way when the other took over
        first.state()
                .writeTransaction(
                        new Version("", 1, 99, Transactions.encode(List.of(new Mutation.Put("a", new byte[0])))));
        first.state().apply(List.of(new Version("a", 1, 99, "late".getBytes(UTF_8))));
        assertThat(text(second, "a")).isEqualTo("by berta");
        assertThat(text(open(), "a")).isEqualTo("by berta");
        assertThat(second.list("")).filteredOn(entry -> entry.key().equals("a")).hasSize(1);
        assertThat(first.commit(CatalogTransaction.begin()
                        .ifHeld(old)
                        .put("a", new byte[0])
                        .build()))
                .isEmpty();
        assertThat(old.isHeld()).isFalse();
    }

    @Test
    @DisplayName("finds what was written before its namespaces changed their order, and takes 4+2 just as well")
    void orderAndPolicy() {
        put(open(), "a", "1");
        ZdbCatalogConfig config = cluster.config(SCOPE);
        ZdbCatalog turned = new ZdbCatalog(
                new ZdbCatalogConfig(config.namespaces().reversed(), SCOPE, 2, false, config.timeouts()));
        opened.add(turned);
        assertThat(text(turned, "a")).isEqualTo("1");
        put(turned, "a", "2");
        assertThat(turned.repair()).isTrue();
        assertThat(text(open(), "a")).isEqualTo("2");

        try (ZdbCluster six = new ZdbCluster(directory.resolve("six"), 6);
                ZdbCatalog catalog = new ZdbCatalog(six.config(SCOPE).withDataShards(4))) {
            put(catalog, "a", "x".repeat(999));
            six.stop(5);
            put(catalog, "a", "y".repeat(999));
            six.stop(0);
            assertThat(text(catalog, "a")).isEqualTo("y".repeat(999));
            assertThatThrownBy(() -> put(catalog, "a", "z")).isInstanceOf(CatalogException.Unavailable.class);
        }
    }

    private static List<Integer> others(int one, int two) {
        return List.of(0, 1, 2, 3).stream().filter(i -> i != one && i != two).toList();
    }

    private ZdbCatalog open() {
        return open(config -> config);
    }

    private ZdbCatalog open(UnaryOperator<ZdbCatalogConfig> change) {
        ZdbTimeouts quick = new ZdbTimeouts(java.time.Duration.ofSeconds(2), java.time.Duration.ofSeconds(3));
        ZdbCatalog catalog = new ZdbCatalog(change.apply(cluster.config(SCOPE).withTimeouts(quick)));
        opened.add(catalog);
        return catalog;
    }

    private static void put(Catalog catalog, String key, String value) {
        assertThat(catalog.commit(CatalogTransaction.begin()
                        .put(key, value.getBytes(UTF_8))
                        .build()))
                .isPresent();
    }

    private static String text(Catalog catalog, String key) {
        return catalog.get(key).map(entry -> new String(entry.value(), UTF_8)).orElse("(none)");
    }
}
