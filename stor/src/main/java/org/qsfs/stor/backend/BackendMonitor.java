package org.qsfs.stor.backend;

import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.segment.StorException;
import org.qsfs.zdb.client.NamespaceInfo;
import org.qsfs.zdb.client.NamespaceMode;
import org.qsfs.zdb.client.NamespaceSettings;
import org.qsfs.zdb.client.ServerInfo;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at one backend from time to time on a thread of its own: is it there, is it ours, how much space has it. A backend counts as down until the first look went
 * well, so an address that leads to another volume's data is never used.
 */
final class BackendMonitor implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(BackendMonitor.class);

    private final Backend backend;
    private final BackendIdentity identity;
    private final boolean claim;
    private final PoolSettings settings;
    private long entriesBefore;

    /** @param claim whether to write the marker to a namespace that has none */
    BackendMonitor(Backend backend, VolumeId volume, boolean claim, PoolSettings settings) {
        this.backend = backend;
        this.identity = new BackendIdentity(backend, volume);
        this.claim = claim;
        this.settings = settings;
    }

    @Override
    public void run() {
        try {
            while (true) {
                Thread.sleep(settings.probeInterval());
                BackendState before = backend.state();
                try {
                    look();
                } catch (StorException.WrongBackend wrong) {
                    // its health tells, and it is not called any more
                    LOG.debug("looked at backend {}", backend.id(), wrong);
                }
                report(before);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * One look; ends within two deadlines of a probe.
     *
     * @throws StorException.WrongBackend when it is not the backend that is configured
     */
    synchronized void look() throws StorException.WrongBackend {
        try {
            NamespaceInfo namespace = namespace();
            // fewer entries than before: something was deleted, or another, emptier one answers at this address
            boolean fewer = namespace.entries() < entriesBefore;
            entriesBefore = namespace.entries();
            boolean otherMode = backend.incarnation().isPresent() != (namespace.mode() == NamespaceMode.SEQUENTIAL);
            if (!backend.identified() || fewer || otherMode || backend.state() == BackendState.DOWN) {
                backend.identify(identity.of(namespace, claim && !namespace.locked()));
            }
            ServerInfo server = backend.probes().serverInfo();
            backend.health()
                    .probed(
                            new Health.Probe(
                                    namespace.freeBytes(),
                                    namespace.dataBytes(),
                                    server.acknowledgesAfterSync(),
                                    namespace.locked()),
                            backend.terms(),
                            settings.reserveBytes());
        } catch (ZdbException noAnswer) {
            if (!(noAnswer instanceof ZdbException.Cancelled)) {
                backend.health().down(String.valueOf(noAnswer.getMessage()));
            }
        } catch (StorException.WrongBackend wrong) {
            backend.identify(null);
            backend.health().down(String.valueOf(wrong.getMessage()));
            throw wrong;
        } catch (StorException damaged) {
            backend.health().down(String.valueOf(damaged.getMessage()));
        }
    }

    /** What the namespace is like; it is made when there is none and we may. */
    private NamespaceInfo namespace() {
        try {
            return backend.probes().info();
        } catch (ZdbException.NamespaceMissing missing) {
            if (!claim) {
                throw missing;
            }
            String password = backend.config().endpoint().password();
            backend.probes().createNamespace(new NamespaceSettings(NamespaceMode.USER, 0, password, password == null));
            LOG.info(
                    "backend {}: namespace {} was made",
                    backend.id(),
                    backend.config().endpoint());
            return backend.probes().info();
        }
    }

    private void report(BackendState before) {
        BackendState now = backend.state();
        if (now != before) {
            LOG.info(
                    "backend {} is {}, was {}{}",
                    backend.id(),
                    now,
                    before,
                    now == BackendState.HEALTHY ? "" : ": " + backend.detail());
        }
    }
}
