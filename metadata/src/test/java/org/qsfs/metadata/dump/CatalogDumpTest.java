package org.qsfs.metadata.dump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.local.LocalCatalog;

@DisplayName("A copy of a catalog in a file")
class CatalogDumpTest {
    @TempDir
    Path directory;

    @Test
    @DisplayName(
            "fills an empty catalog with the same entries and the same epoch, so that a machine with local state goes on")
    void thereAndBack() throws Exception {
        Path file = directory.resolve("copy");
        try (Catalog from = LocalCatalog.open(directory.resolve("from"));
                Catalog to = LocalCatalog.open(directory.resolve("to"))) {
            for (int epoch = 1; epoch <= 3; epoch++) {
                from.acquire(LeaseRequest.fresh("machine")).release();
            }
            put(from, "head", new byte[] {1});
            put(from, "volume/header", new byte[300_000]);
            for (int i = 0; i < 500; i++) {
                put(from, "segment/data/" + i, new byte[i]);
            }
            assertThat(CatalogDump.write(from, file)).isEqualTo(new CatalogDump(503, 3));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(CatalogDump.load(to, file, "import")).isEqualTo(new CatalogDump(503, 3));
            assertThat(to.get(CatalogKeys.IMPORTED)).isPresent();
            assertThat(contents(to)).isEqualTo(contents(from));
            Path again = directory.resolve("again");
            CatalogDump.write(to, again);
            assertThat(again).as("it does not say that it was filled from one").hasSameBinaryContentAs(file);
            WriterLease next = to.acquire(LeaseRequest.resume("machine", 3));
            assertThat(next.epoch()).isEqualTo(3);
            next.release();
            assertThatThrownBy(() -> CatalogDump.load(to, file, "import"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("is not empty");
            assertThatThrownBy(() -> CatalogDump.write(from, file)).isInstanceOf(FileAlreadyExistsException.class);
        }
    }

    @Test
    @DisplayName("that is cut or damaged anywhere is refused, and the catalog stays empty")
    void damaged() throws Exception {
        Path file = directory.resolve("copy");
        try (Catalog from = LocalCatalog.open(directory.resolve("from"));
                Catalog to = LocalCatalog.open(directory.resolve("to"))) {
            from.acquire(LeaseRequest.fresh("machine")).release();
            put(from, "segment/data/1", new byte[20]);
            CatalogDump.write(from, file);
            byte[] good = Files.readAllBytes(file);
            for (int i = 0; i < good.length; i++) {
                byte[] bad = good.clone();
                bad[i] ^= 4;
                expectRefused(to, bad);
                expectRefused(to, Arrays.copyOf(good, i));
            }
            expectRefused(to, Arrays.copyOf(good, good.length + 1));
        }
    }

    @Test
    @DisplayName("has these bytes")
    void golden() throws Exception {
        Path file = directory.resolve("copy");
        try (Catalog from = LocalCatalog.open(directory.resolve("from"))) {
            put(from, "head", new byte[] {7, 8});
            put(from, "a/b", new byte[] {9});
            CatalogDump.write(from, file);
        }
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(file)))
                .startsWith("5153465343415458" + "00000001" + "000468656164" + "000000020708" + "0003612f62"
                        + "0000000109" + "0000" + "0000000000000002");
        assertThat(CatalogDump.check(file)).isEqualTo(new CatalogDump(2, 0));
    }

    private void expectRefused(Catalog to, byte[] bytes) throws IOException {
        Path file = Files.write(directory.resolve("bad"), bytes);
        assertThatThrownBy(() -> CatalogDump.load(to, file, "import"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
        assertThat(to.list("")).isEmpty();
    }

    private static void put(Catalog catalog, String key, byte[] value) {
        assertThat(catalog.commit(CatalogTransaction.begin().put(key, value).build()))
                .isPresent();
    }

    private static Map<String, String> contents(Catalog catalog) {
        Map<String, String> contents = new TreeMap<>();
        catalog.scan("", entry -> {
            if (!entry.key().equals(CatalogKeys.HOLDER) && !entry.key().equals(CatalogKeys.IMPORTED)) {
                contents.put(entry.key(), HexFormat.of().formatHex(entry.value()));
            }
        });
        return contents;
    }
}
