package org.qsfs.metadata.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.LeaseHeldException;
import org.qsfs.metadata.LeaseRequest;

/** Several processes at one local catalog. */
@Timeout(90)
class LocalCatalogProcessesTest {

    @TempDir
    Path directory;

    @Test
    @DisplayName("two processes and two instances of ours count without losing one")
    void count() throws Exception {
        try (LocalCatalog catalog = LocalCatalog.open(directory);
                LocalCatalog second = LocalCatalog.open(directory)) {
            catalog.commit(CatalogTransaction.begin()
                    .put("counter", "0".getBytes(UTF_8))
                    .build());
            try (LocalCatalogChild one = LocalCatalogChild.start(directory, "count", "60");
                    LocalCatalogChild two = LocalCatalogChild.start(directory, "count", "60")) {
                Thread here = Thread.ofPlatform().start(() -> LocalCatalogChild.count(second, 40));
                LocalCatalogChild.count(catalog, 40);
                here.join(30_000);
                assertThat(List.of(one.exit(), two.exit())).containsExactly(0, 0);
            }
            assertThat(new String(catalog.get("counter").orElseThrow().value(), UTF_8))
                    .isEqualTo("200");
        }
    }

    @Test
    @DisplayName("the lease of a process is free the moment it dies, not before")
    void holderDies() throws Exception {
        try (LocalCatalog catalog = LocalCatalog.open(directory);
                LocalCatalogChild child = LocalCatalogChild.start(directory, "hold", "child")) {
            assertThat(child.line()).isEqualTo("held");
            assertThatThrownBy(() -> catalog.acquire(LeaseRequest.fresh("parent")))
                    .isInstanceOf(LeaseHeldException.class)
                    .hasMessageContaining("child");
            // looking must not have released the child's lock
            assertThatThrownBy(() -> catalog.acquire(LeaseRequest.fresh("parent")))
                    .isInstanceOf(LeaseHeldException.class);
            child.kill();
            assertThat(catalog.acquire(LeaseRequest.fresh("parent")).epoch()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("killed at any moment, a writer leaves every commit that it was told of")
    void killedWhileWriting() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 4; round++) {
            int told = -1;
            try (LocalCatalogChild child = LocalCatalogChild.start(directory, "write")) {
                int enough = 1 + random.nextInt(40);
                while (told < enough) {
                    told = Integer.parseInt(child.line());
                }
                child.kill();
                for (String line = child.line(); line != null; line = child.line()) {
                    told = Integer.parseInt(line);
                }
            }
            try (LocalCatalog catalog = LocalCatalog.open(directory)) {
                int found = Integer.parseInt(
                        new String(catalog.get("a").orElseThrow().value(), UTF_8));
                assertThat(found).as("seed %d", seed).isBetween(told, told + 1);
                assertThat(catalog.get("b").orElseThrow().value()).hasSize(found % 5000);
            }
        }
    }
}
