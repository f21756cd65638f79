package org.qsfs.stor.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.encryption.KeyFile;
import org.qsfs.encryption.KeyFileRecipient;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.local.LocalCatalog;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.testing.Scenario;

class VolumeHeadersTest {
    @TempDir
    Path directory;

    @Test
    void headerSurvivesTheCatalogAndMostBackends() throws Exception {
        try (Scenario volume = given(volume(2, 4));
                Catalog catalog = LocalCatalog.open(directory.resolve("catalog"))) {
            VolumeHeader header = header(volume);
            VolumeHeaders headers = new VolumeHeaders(catalog, volume.pool());
            assertThat(headers.copies()).isEmpty();
            headers.store(header, RedundancyPolicy.of(2, 4), null);
            assertThat(headers.copies()).containsOnly(header);
            volume.kill(3);
            assertThat(new VolumeHeaders(null, volume.pool()).copies()).containsExactly(header);
        }
    }

    @Test
    void tooFewBackendsAreRefused() throws Exception {
        try (Scenario volume = given(volume(2, 4));
                Catalog catalog = LocalCatalog.open(directory.resolve("catalog"))) {
            volume.kill(2).awaitState(0, BackendState.DOWN).awaitState(1, BackendState.DOWN);
            VolumeHeaders headers = new VolumeHeaders(catalog, volume.pool());
            VolumeHeader header = header(volume);
            assertThatThrownBy(() -> headers.store(header, RedundancyPolicy.of(2, 4), null))
                    .isInstanceOf(StorException.TooFewCopies.class)
                    .hasMessageContaining("written to 2 backends, at least 3");
            volume.heal();
            headers.store(header, RedundancyPolicy.of(2, 4), null);
        }
    }

    @Test
    void damagedCopiesArePassedOver() throws Exception {
        try (Scenario volume = given(volume(2, 4));
                Catalog catalog = LocalCatalog.open(directory.resolve("catalog"))) {
            VolumeHeader header = header(volume);
            VolumeHeaders headers = new VolumeHeaders(catalog, volume.pool());
            headers.store(header, RedundancyPolicy.of(2, 4), null);
            ByteBuffer key = ByteBuffer.wrap(VolumeHeaders.BACKEND_KEY.getBytes(StandardCharsets.US_ASCII));
            for (int backend = 0; backend < 3; backend++) {
                byte[] bytes = header.encode();
                bytes[40] ^= 1;
                volume.zdb(backend).values().put(key, bytes);
            }
            assertThat(new VolumeHeaders(null, volume.pool()).copies()).containsExactly(header);
        }
    }

    private VolumeHeader header(Scenario volume) throws Exception {
        KeyFile file = KeyFile.create(directory.resolve("key"));
        return VolumeHeader.create(volume.keys(), List.of(new KeyFileRecipient("test", file.publicKey())));
    }
}
