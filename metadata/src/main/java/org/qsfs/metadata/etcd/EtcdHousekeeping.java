package org.qsfs.metadata.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the writer does for the cluster: it drops old revisions, which etcd keeps for ever by itself, and warns before the
 * members' quota is used up.
 *
 * <p>Dropped are the revisions older than the last run, so that whoever reads page by page or watches has that long. Called
 * by one thread at a time.
 */
final class EtcdHousekeeping {

    static final Duration INTERVAL = Duration.ofMinutes(5);

    private static final Logger log = LoggerFactory.getLogger(EtcdHousekeeping.class);
    private static final int WARN_PERCENT = 70;

    private final EtcdSession session;
    private volatile long previousRevision;

    EtcdHousekeeping(EtcdSession session) {
        this.session = session;
    }

    /** Size of one member's database. */
    record Usage(String endpoint, long bytes, long quotaBytes) {

        boolean isHigh() {
            return 100 * bytes >= WARN_PERCENT * quotaBytes;
        }
    }

    void run() {
        try {
            long newest = session.call(
                            "read the revision",
                            client -> client.getKVClient()
                                    .get(EtcdSession.bytes(session.config().prefix() + CatalogKeys.EPOCH)))
                    .getHeader()
                    .getRevision();
            if (previousRevision > 0) {
                compact(previousRevision);
            }
            previousRevision = newest;
        } catch (CatalogException e) {
            log.warn("{}: cannot drop old revisions: {}", session.config(), e.getMessage());
        }
        usage().stream().filter(Usage::isHigh).forEach(this::warn);
    }

    private void compact(long revision) {
        try {
            session.call("compact", client -> client.getKVClient().compact(revision));
        } catch (CatalogException.Failed e) {
            if (!String.valueOf(e.getMessage()).contains("has been compacted")) {
                throw e; // otherwise somebody else was first
            }
        }
    }

    /** Of the members that answer. */
    List<Usage> usage() {
        List<Usage> found = new ArrayList<>();
        for (String endpoint : session.config().endpoints()) {
            try {
                long bytes = session.tryOnce(
                                "status of " + endpoint,
                                Duration.ofSeconds(2),
                                client -> client.getMaintenanceClient().statusMember(endpoint))
                        .getDbSize();
                found.add(new Usage(endpoint, bytes, session.config().quotaBytes()));
            } catch (CatalogException e) {
                log.debug("{}: no status of {}: {}", session.config(), endpoint, e.getMessage());
            }
        }
        return found;
    }

    private void warn(Usage usage) {
        log.warn(
                "{}: the database of {} has {} bytes, {} % of its quota of {}; raise --quota-backend-bytes (and quota_backend_bytes in the"
                        + " configuration), use larger segments, or run etcdctl defrag",
                session.config(),
                usage.endpoint(),
                usage.bytes(),
                100 * usage.bytes() / usage.quotaBytes(),
                usage.quotaBytes());
    }
}
