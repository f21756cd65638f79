package org.qsfs.metadata.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;

/** Certificates: ours, another authority's, another machine's. */
@Timeout(60)
class EtcdTlsTest {

    @TempDir
    Path directory;

    private EtcdCluster cluster(TestCertificate certificate) {
        return EtcdCluster.start(
                directory,
                1,
                "https",
                List.of("--cert-file=" + certificate.certificate(), "--key-file=" + certificate.key()));
    }

    private static EtcdConfig config(EtcdCluster cluster, Duration deadline) {
        return EtcdConfig.of(cluster.endpoints(), "/x").withTimes(deadline, Duration.ofSeconds(5));
    }

    @Test
    void certificates() throws Exception {
        TestCertificate ours = TestCertificate.create(directory, "ours", "127.0.0.1");
        TestCertificate foreign = TestCertificate.create(directory, "foreign", "127.0.0.1");
        try (EtcdCluster cluster = cluster(ours)) {
            try (EtcdCatalog trusting =
                    new EtcdCatalog(config(cluster, Duration.ofSeconds(20)).withCa(ours.certificate()))) {
                assertThat(trusting.commit(
                                CatalogTransaction.begin().put("a", new byte[1]).build()))
                        .isPresent();
            }
            try (EtcdCatalog wary =
                    new EtcdCatalog(config(cluster, Duration.ofSeconds(2)).withCa(foreign.certificate()))) {
                assertThatThrownBy(() -> wary.get("a"))
                        .isInstanceOf(CatalogException.Denied.class)
                        .hasMessageContaining("certificate");
            }
            try (EtcdCatalog system = new EtcdCatalog(config(cluster, Duration.ofSeconds(2)))) {
                assertThatThrownBy(() -> system.get("a")).isInstanceOf(CatalogException.Denied.class);
            }
        }
    }

    @Test
    void certificateOfAnotherMachine() throws Exception {
        TestCertificate other = TestCertificate.create(directory, "other", "127.0.0.9");
        try (EtcdCluster cluster = cluster(other);
                EtcdCatalog catalog =
                        new EtcdCatalog(config(cluster, Duration.ofSeconds(3)).withCa(other.certificate()))) {
            assertThatThrownBy(() -> catalog.get("a")).isInstanceOf(CatalogException.Denied.class);
        }
    }

    @Test
    void unusableAuthority() throws Exception {
        Path nonsense = Files.writeString(directory.resolve("ca.pem"), "nonsense");
        assertThatThrownBy(() -> new EtcdCatalog(
                        EtcdConfig.of(List.of("localhost:1"), "/x").withCa(nonsense)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(nonsense.toString());
    }
}
