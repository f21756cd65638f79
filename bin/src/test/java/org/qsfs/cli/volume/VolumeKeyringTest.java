package org.qsfs.cli.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qsfs.stor.testing.Scenario.given;
import static org.qsfs.stor.testing.Scenario.volume;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.encryption.KeyFile;
import org.qsfs.encryption.Recipient;
import org.qsfs.encryption.UnlockedHeader;
import org.qsfs.encryption.VolumeHeader;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.local.LocalCatalog;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.testing.Scenario;
import org.qsfs.stor.volume.VolumeHeaders;

@DisplayName("A change of the volume's keys")
class VolumeKeyringTest {
    @TempDir
    Path directory;

    private Scenario scenario;
    private Catalog catalog;
    private WriterLease lease;
    private VolumeHeaders headers;
    private VolumeKeyring keyring;
    private KeyFile secret;

    @BeforeEach
    void setUp() throws Exception {
        scenario = given(volume(2, 4));
        catalog = LocalCatalog.open(directory.resolve("catalog"));
        lease = catalog.acquire(LeaseRequest.fresh("test"));
        headers = new VolumeHeaders(catalog, scenario.pool());
        secret = KeyFile.create(directory.resolve("key"));
        VolumeHeader header = VolumeHeader.create(scenario.keys(), List.of(Recipient.keyFile("own", secret)));
        headers.store(header, RedundancyPolicy.of(2, 4), lease);
        keyring = new VolumeKeyring(
                headers,
                () -> RedundancyPolicy.of(2, 4),
                () -> lease,
                scenario.engine(),
                header,
                scenario.keys(),
                Set.of("own"));
    }

    @AfterEach
    void tearDown() {
        lease.close();
        catalog.close();
        scenario.close();
        secret.close();
    }

    @Test
    @DisplayName(
            "that reaches fewer than n−k+1 backends is not used, is not in the catalog, and is finished by the next one")
    void tooFewBackends() throws Exception {
        scenario.write(1000);
        scenario.kill(2).awaitState(0, BackendState.DOWN).awaitState(1, BackendState.DOWN);
        assertThatThrownBy(() -> keyring.rotate()).isInstanceOf(StorException.TooFewCopies.class);
        assertThat(scenario.keys().currentVersion())
                .as("nothing is sealed under it")
                .isEqualTo(1);
        assertThat(newest().header().generation())
                .as("the backends that were there have it")
                .isEqualTo(2);
        assertThat(headers.isInCatalog(newest().header())).isFalse();

        scenario.heal();
        try (KeyFile other = KeyFile.create(directory.resolve("other"))) {
            keyring.add(Recipient.keyFile("other", other));
        }
        UnlockedHeader stored = newest();
        assertThat(stored.header().generation()).isEqualTo(3);
        assertThat(stored.header().versions()).containsExactly(1, 2);
        assertThat(headers.isInCatalog(stored.header())).isTrue();
        assertThat(scenario.keys().currentVersion()).isEqualTo(2);
        scenario.write(2000).expectReadable();
        assertThat(scenario.record(scenario.last()).keyVersion()).isEqualTo(2);
        assertThat(headers.copies().stream()
                        .filter(copy -> copy.generation() == 3)
                        .distinct())
                .as("one header of a generation, everywhere")
                .hasSize(1);
    }

    @Test
    @DisplayName("is refused to a process that is not the writer any more")
    void notWriter() throws Exception {
        lease.release();
        assertThatThrownBy(() -> keyring.rotate()).isInstanceOf(StorException.NotWriter.class);
        assertThat(scenario.keys().currentVersion()).isEqualTo(1);
        assertThat(newest().header().generation()).isEqualTo(1);
    }

    private UnlockedHeader newest() throws Exception {
        return VolumeHeader.unlockNewest(headers.copies(), secret);
    }
}
