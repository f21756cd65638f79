package org.qsfs.metadata.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.LeaseRequest;

/** Users, passwords and rights. */
@Timeout(60)
class EtcdAccessTest {

    private static EtcdCluster cluster;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        cluster = EtcdCluster.start(directory, 1);
        try (Client client =
                Client.builder().endpoints(cluster.endpoints().getFirst()).build()) {
            Auth auth = client.getAuthClient();
            auth.userAdd(bytes("root"), bytes("rootpass")).get(10, TimeUnit.SECONDS);
            auth.userGrantRole(bytes("root"), bytes("root")).get(10, TimeUnit.SECONDS);
            auth.userAdd(bytes("volume"), bytes("right")).get(10, TimeUnit.SECONDS);
            auth.roleAdd(bytes("volume")).get(10, TimeUnit.SECONDS);
            auth.roleGrantPermission(
                            bytes("volume"), bytes("/qsfs/home/"), bytes("/qsfs/home0"), Permission.Type.READWRITE)
                    .get(10, TimeUnit.SECONDS);
            auth.userGrantRole(bytes("volume"), bytes("volume")).get(10, TimeUnit.SECONDS);
            auth.authEnable().get(10, TimeUnit.SECONDS);
        }
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, StandardCharsets.UTF_8);
    }

    private static EtcdConfig config(String prefix) {
        return EtcdConfig.of(cluster.endpoints(), prefix).withTimes(Duration.ofSeconds(5), Duration.ofSeconds(3));
    }

    @Test
    void rightPassword() {
        try (EtcdCatalog catalog = new EtcdCatalog(config("/qsfs/home").withUser("volume", "right"))) {
            catalog.checkWritable();
            assertThat(catalog.acquire(LeaseRequest.fresh("anna")).epoch()).isPositive();
            assertThat(catalog.commit(
                            CatalogTransaction.begin().put("a", new byte[1]).build()))
                    .isPresent();
            assertThat(catalog.list("")).isNotEmpty();
        }
    }

    @Test
    void wrongPassword() {
        try (EtcdCatalog catalog = new EtcdCatalog(config("/qsfs/home").withUser("volume", "wrong"))) {
            assertThatThrownBy(() -> catalog.get("a"))
                    .isInstanceOf(CatalogException.Denied.class)
                    .hasMessageContaining("password")
                    .message()
                    .doesNotContain("wrong");
        }
    }

    @Test
    void noPassword() {
        try (EtcdCatalog catalog = new EtcdCatalog(config("/qsfs/home"))) {
            assertThatThrownBy(() -> catalog.get("a")).isInstanceOf(CatalogException.Denied.class);
            assertThatThrownBy(catalog::checkWritable).isInstanceOf(CatalogException.Denied.class);
        }
    }

    @Test
    void foreignPrefix() {
        try (EtcdCatalog catalog = new EtcdCatalog(config("/qsfs/other").withUser("volume", "right"))) {
            assertThatThrownBy(() -> catalog.get("a"))
                    .isInstanceOf(CatalogException.Denied.class)
                    .hasMessageContaining("/qsfs/other/");
        }
    }

    @Test
    void passwordIsNotShown() {
        assertThat(config("/qsfs/home").withUser("volume", "hush").toString()).doesNotContain("hush");
    }

    @Test
    void oddConfigurations() {
        assertThatThrownBy(() -> EtcdConfig.of(List.of(), "/x")).hasMessageContaining("no endpoints");
        assertThatThrownBy(() -> EtcdConfig.of(List.of("host"), "/x")).hasMessageContaining("\"host\"");
        assertThatThrownBy(() -> EtcdConfig.of(List.of("ftp://host:1"), "/x")).hasMessageContaining("ftp");
        assertThatThrownBy(() -> EtcdConfig.of(List.of("http://a:1", "https://b:2"), "/x"))
                .hasMessageContaining("some endpoints are https");
        assertThat(EtcdConfig.of(List.of("host:2379"), "/x").prefix()).isEqualTo("/x/");
    }
}
