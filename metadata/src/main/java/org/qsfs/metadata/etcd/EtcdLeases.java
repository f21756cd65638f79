package org.qsfs.metadata.etcd;

import io.etcd.jetcd.ByteSequence;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.BootClock;
import org.qsfs.metadata.writer.Election;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The leases given out by one client of etcd: how they are won, renewed and given up. Thread-safe. */
final class EtcdLeases implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EtcdLeases.class);

    private final EtcdSession session;
    private final EtcdRecords records;
    private final BootClock clock;
    private final EtcdHousekeeping housekeeping;
    private final Set<EtcdWriterLease> held = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    EtcdLeases(EtcdSession session, EtcdRecords records, BootClock clock) {
        this.session = session;
        this.records = records;
        this.clock = clock;
        this.housekeeping = new EtcdHousekeeping(session);
    }

    EtcdWriterLease acquire(LeaseRequest request) {
        long deadline = session.deadline();
        while (true) {
            Optional<EtcdWriterLease> won = attempt(request, deadline);
            if (won.isPresent()) {
                held.add(won.get());
                won.get().start();
                return won.get();
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new CatalogException.Unavailable(
                        session.config()
                                + ": others keep changing the writer, or the cluster is too slow for a lease of "
                                + session.config().leaseTtl().toSeconds() + " s",
                        null);
            }
        }
    }

    /** Empty when somebody else was faster, or when the cluster took longer than the lease lives. */
    private Optional<EtcdWriterLease> attempt(LeaseRequest request, long deadline) {
        // the key hangs on a lease, so a holder that is found is alive, or was moments ago
        Election election = Election.decide(
                "catalog " + session.config(),
                request,
                records.get(CatalogKeys.EPOCH, deadline),
                records.get(CatalogKeys.HOLDER, deadline),
                holder -> true);
        EtcdWriterLease.Grant grant = grant(deadline);
        boolean won = false;
        try {
            OptionalLong revision = take(election, grant, deadline);
            won = revision.isPresent();
            return won
                    ? Optional.of(new EtcdWriterLease(this, election.holder(), revision.getAsLong(), grant, clock))
                    : Optional.empty();
        } catch (CatalogException.Failed e) {
            if (saysExpired(e)) {
                return Optional.empty();
            }
            throw e;
        } finally {
            if (!won) {
                revoke(grant.id(), Duration.ofSeconds(1));
            }
        }
    }

    private EtcdWriterLease.Grant grant(long deadline) {
        Duration ttl = session.config().leaseTtl();
        long sent = clock.nanos();
        long id = session.call(
                        "grant a lease",
                        deadline,
                        client -> client.getLeaseClient().grant(ttl.toSeconds()))
                .getID();
        return new EtcdWriterLease.Grant(id, ttl, sent);
    }

    private OptionalLong take(Election election, EtcdWriterLease.Grant grant, long deadline) {
        ByteSequence holder = ByteSequence.from(election.holder().toBytes());
        OptionalLong revision = new EtcdTransaction(records, election.transaction())
                .putOnLease(CatalogKeys.HOLDER, holder, grant.id())
                .commit(session, deadline);
        if (revision.isPresent()) {
            return revision;
        }
        // lost a race, or the answer to the attempt that won it
        return records.get(CatalogKeys.HOLDER, deadline)
                .filter(now -> Arrays.equals(now.value(), holder.getBytes()))
                .map(now -> OptionalLong.of(now.revision()))
                .orElse(revision);
    }

    /** @return false when the lease has expired */
    boolean keepAlive(long lease, Duration limit) {
        try {
            session.tryOnce(
                    "renew the lease", limit, client -> client.getLeaseClient().keepAliveOnce(lease));
            return true;
        } catch (CatalogException.Failed e) {
            if (saysExpired(e)) {
                return false;
            }
            throw e;
        }
    }

    /** Whether {@code writer/holder} is still what this lease wrote. */
    boolean isHolder(EtcdWriterLease lease) {
        return records.get(CatalogKeys.HOLDER, session.deadline())
                        .map(CatalogEntry::revision)
                        .orElse(0L)
                == lease.holderRevision();
    }

    /** A lease of ours, which is what a condition must name. */
    EtcdWriterLease ours(WriterLease lease) {
        if (lease instanceof EtcdWriterLease ours && ours.origin() == this) {
            return ours;
        }
        throw new IllegalArgumentException("the lease of " + lease.holder() + " is not from this catalog");
    }

    /** Called when a commit that needed a lease was refused. */
    void learnOfLoss(EtcdWriterLease lease) {
        if (lease.isHeld() && !isHolder(lease)) {
            lease.lose("another writer took over");
        }
    }

    /** Called by the lease from time to time. */
    void keepHouse() {
        if (!closed) {
            housekeeping.run();
        }
    }

    /** Called when a lease was lost. */
    void lost(EtcdWriterLease lease) {
        held.remove(lease);
    }

    /** Called when a lease was released. Revoking takes the holder key with it, unless another lease holds it by now. */
    void released(EtcdWriterLease lease, long leaseId) {
        held.remove(lease);
        if (!closed) {
            revoke(leaseId, session.config().deadline());
        }
    }

    private void revoke(long lease, Duration limit) {
        try {
            session.call(
                    "revoke the lease",
                    System.nanoTime() + limit.toNanos(),
                    client -> client.getLeaseClient().revoke(lease));
        } catch (CatalogException e) {
            log.debug("{}: a lease expires by itself: {}", session.config(), e.getMessage());
        }
    }

    private static boolean saysExpired(CatalogException.Failed e) {
        return String.valueOf(e.getMessage()).contains("lease not found");
    }

    /** Ends every lease here; at etcd they expire. */
    @Override
    public void close() {
        closed = true;
        Set.copyOf(held).forEach(lease -> lease.lose("the catalog was closed"));
    }

    @Override
    public String toString() {
        return "catalog " + session.config();
    }
}
