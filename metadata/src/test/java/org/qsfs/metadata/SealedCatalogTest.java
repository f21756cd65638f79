package org.qsfs.metadata;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.local.LocalCatalog;

class SealedCatalogTest extends CatalogContract {

    private final VolumeKeys keys = VolumeKeys.generate(VolumeId.random());

    @TempDir
    Path directory;

    @Override
    protected Catalog open() {
        return sealed(keys);
    }

    private Catalog sealed(VolumeKeys with) {
        return new SealedCatalog(LocalCatalog.open(directory), with.sealer("catalog"), with.volume());
    }

    @Nested
    class Sealing {

        @Test
        void nothingIsReadable() {
            try (Catalog catalog = open();
                    Catalog bare = LocalCatalog.open(directory)) {
                catalog.commit(put("a", "a secret that is long enough to search for"));
                assertThat(new String(bare.get("a").orElseThrow().value(), UTF_8))
                        .doesNotContain("secret");
                assertThat(text(catalog, "a")).startsWith("a secret");
            }
        }

        @Test
        void movedValuesAreNoticed() {
            try (Catalog catalog = open();
                    Catalog bare = LocalCatalog.open(directory)) {
                catalog.commit(put("a", "1"));
                bare.commit(CatalogTransaction.begin()
                        .put("b", bare.get("a").orElseThrow().value())
                        .build());
                assertThatThrownBy(() -> catalog.get("b"))
                        .isInstanceOf(CatalogException.Corrupt.class)
                        .hasMessageContaining("the value of b");
                assertThatThrownBy(() -> catalog.list("")).isInstanceOf(CatalogException.Corrupt.class);
            }
        }

        @Test
        void foreignKeyIsNoticed() {
            try (Catalog catalog = open();
                    Catalog foreign = sealed(VolumeKeys.generate(keys.volume()))) {
                catalog.commit(put("a", "1"));
                assertThatThrownBy(() -> foreign.get("a")).isInstanceOf(CatalogException.Corrupt.class);
            }
        }

        @Test
        void plainValuesAreNoticed() {
            try (Catalog catalog = open();
                    Catalog bare = LocalCatalog.open(directory)) {
                bare.commit(put("a", "not sealed at all"));
                assertThatThrownBy(() -> catalog.get("a")).isInstanceOf(CatalogException.Corrupt.class);
            }
        }
    }
}
