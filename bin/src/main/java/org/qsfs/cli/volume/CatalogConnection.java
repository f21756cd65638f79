package org.qsfs.cli.volume;

import java.util.List;
import org.qsfs.cli.config.Config;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.etcd.EtcdCatalog;
import org.qsfs.metadata.etcd.EtcdConfig;
import org.qsfs.metadata.local.LocalCatalog;
import org.qsfs.metadata.zdb.ZdbCatalog;
import org.qsfs.metadata.zdb.ZdbCatalogConfig;
import org.qsfs.zdb.client.ZdbEndpoint;

/** Connects the catalog that a configuration names. */
public final class CatalogConnection {
    private CatalogConnection() {}

    /** @return the catalog as it is, not sealed */
    public static Catalog open(Config config) {
        return switch (config.catalog()) {
            case Config.Catalog.Local(var directory) -> LocalCatalog.open(directory);
            case Config.Catalog.Etcd etcd -> new EtcdCatalog(etcd(etcd, config.volume()));
            case Config.Catalog.Zdb zdb -> new ZdbCatalog(zdb(zdb, config.volume()));
        };
    }

    private static ZdbCatalogConfig zdb(Config.Catalog.Zdb zdb, String volume) {
        List<ZdbEndpoint> namespaces =
                zdb.backends().stream().map(BackendSettings::endpoint).toList();
        return ZdbCatalogConfig.of(namespaces, zdb.prefix() + "/" + volume)
                .withDataShards(zdb.minimalShards())
                .withMinimalWrites(zdb.minimalWrites());
    }

    private static EtcdConfig etcd(Config.Catalog.Etcd etcd, String volume) {
        EtcdConfig config = EtcdConfig.of(etcd.endpoints(), "/" + etcd.prefix() + "/" + volume + "/");
        if (etcd.username().isPresent() && etcd.password().isPresent()) {
            config =
                    config.withUser(etcd.username().get(), etcd.password().get().reveal());
        }
        if (etcd.quota().isPresent()) {
            config = config.withQuota(etcd.quota().get());
        }
        return etcd.caFile().isPresent() ? config.withCa(etcd.caFile().get()) : config;
    }
}
