package org.qsfs.cli.volume;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.cli.config.Config;
import org.qsfs.cli.config.Secret;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.backend.PoolSettings;
import org.qsfs.zdb.client.ZdbEndpoint;

/** What the configuration says, in the stor engine's words. */
final class BackendSettings {
    private BackendSettings() {}

    static List<BackendConfig> backends(Config config) {
        List<BackendConfig> backends = new ArrayList<>();
        for (Config.Group group : config.groups()) {
            for (Config.Backend backend : group.backends()) {
                backends.add(new BackendConfig(backend.id(), group.name(), endpoint(backend), backend.terms()));
            }
        }
        return backends;
    }

    /** Where a backend is, without an administrator's password. */
    static ZdbEndpoint endpoint(Config.Backend backend) {
        return new ZdbEndpoint(
                backend.address(),
                backend.namespace(),
                backend.password().map(Secret::reveal).orElse(null),
                null,
                backend.tls().orElse(null));
    }

    static PoolSettings pool(Config config) {
        PoolSettings usual = PoolSettings.DEFAULT;
        Duration read = config.timing().backendTimeout();
        return new PoolSettings(
                usual.connect(),
                read,
                read.multipliedBy(3),
                usual.probe(),
                usual.probeInterval(),
                usual.connections(),
                usual.reserveBytes());
    }

    static StorConfig engine(Config config) {
        return StorConfig.of(config.redundancy())
                .withStripeSize(Math.toIntExact(config.limits().stripeSize()))
                .withSettle(config.timing().settle())
                .withUploadBytesPerSecond(config.uploads().bytesPerSecond())
                .with(config.healing());
    }
}
