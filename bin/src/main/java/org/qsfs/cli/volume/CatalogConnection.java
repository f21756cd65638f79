package org.qsfs.cli.volume;

import org.qsfs.cli.admin.CommandFailure;
import org.qsfs.cli.config.Config;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.etcd.EtcdCatalog;
import org.qsfs.metadata.etcd.EtcdConfig;
import org.qsfs.metadata.local.LocalCatalog;

/** Connects the catalog that a configuration names. */
public final class CatalogConnection {
    private CatalogConnection() {}

    /** @return the catalog as it is, not sealed */
    public static Catalog open(Config config) throws CommandFailure {
        return switch (config.catalog()) {
            case Config.Catalog.Local(var directory) -> LocalCatalog.open(directory);
            case Config.Catalog.Etcd etcd -> new EtcdCatalog(etcd(etcd, config.volume()));
            case Config.Catalog.Zdb zdb ->
                throw new CommandFailure(
                        config.source() + ": found meta.type = \"zdb\" with "
                                + zdb.backends().size()
                                + " backends; this version keeps its catalog in etcd or in a local directory: set meta.type to \"etcd\" or \"local\"");
        };
    }

    private static EtcdConfig etcd(Config.Catalog.Etcd etcd, String volume) {
        EtcdConfig config = EtcdConfig.of(etcd.endpoints(), "/" + etcd.prefix() + "/" + volume + "/");
        if (etcd.username().isPresent() && etcd.password().isPresent()) {
            config =
                    config.withUser(etcd.username().get(), etcd.password().get().reveal());
        }
        return etcd.caFile().isPresent() ? config.withCa(etcd.caFile().get()) : config;
    }
}
