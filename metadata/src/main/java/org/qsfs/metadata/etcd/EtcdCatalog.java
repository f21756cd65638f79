package org.qsfs.metadata.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogException;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.Condition;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.BootClock;
import org.qsfs.metadata.writer.Election;

/**
 * A catalog in an etcd cluster, under a prefix of its own.
 *
 * <p>Revisions are etcd's. Reads are linearizable. It works as long as a majority of the members does; a call then costs at
 * most a few seconds more while it finds one that answers.
 *
 * <p>A commit whose answer was lost is tried again. When its conditions then fail because they were met the first time, the
 * state shows exactly what it wrote, all at one revision, and it counts as done.
 */
public final class EtcdCatalog implements Catalog {

    private static final int PAGE = 500;

    private final EtcdSession session;
    private final String prefix;
    private final BootClock clock;
    private final EtcdHousekeeping housekeeping;
    private final Set<EtcdWriterLease> leases = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Does not connect yet. */
    public EtcdCatalog(EtcdConfig config) {
        this(config, BootClock.system());
    }

    EtcdCatalog(EtcdConfig config, BootClock clock) {
        this.session = new EtcdSession(config);
        this.prefix = config.prefix();
        this.clock = clock;
        this.housekeeping = new EtcdHousekeeping(session);
    }

    @Override
    public Optional<CatalogEntry> get(String key) {
        CatalogKeys.check(key);
        checkOpen();
        GetResponse response =
                session.call("get " + key, client -> client.getKVClient().get(bytes(key)));
        return response.getKvs().stream().findFirst().map(this::entry);
    }

    @Override
    public void scan(String start, Consumer<CatalogEntry> consumer) {
        CatalogKeys.checkPrefix(start);
        ByteSequence end = end(prefix + start);
        ByteSequence from = bytes(start);
        boolean more = true;
        while (more) {
            checkOpen();
            ByteSequence first = from;
            GetOption page = GetOption.builder()
                    .withRange(end)
                    .withSortField(GetOption.SortTarget.KEY)
                    .withSortOrder(GetOption.SortOrder.ASCEND)
                    .withLimit(PAGE)
                    .build();
            GetResponse response =
                    session.call("list " + start, client -> client.getKVClient().get(first, page));
            List<KeyValue> found = response.getKvs();
            found.forEach(kv -> consumer.accept(entry(kv)));
            more = response.isMore() && !found.isEmpty();
            if (more) {
                from = after(found.getLast().getKey());
            }
        }
    }

    @Override
    public OptionalLong commit(CatalogTransaction transaction) {
        checkOpen();
        for (Condition condition : transaction.conditions()) {
            if (condition instanceof Condition.Held held && !ours(held.lease()).isHeld()) {
                return OptionalLong.empty();
            }
        }
        OptionalLong result = new EtcdTransaction(prefix, transaction).commit(session);
        if (result.isEmpty()) {
            transaction.conditions().forEach(this::learnOfLoss);
        }
        return result;
    }

    private void learnOfLoss(Condition condition) {
        if (condition instanceof Condition.Held held) {
            EtcdWriterLease lease = ours(held.lease());
            if (lease.isHeld() && !isHolder(lease)) {
                lease.lose("another writer took over");
            }
        }
    }

    @Override
    public void checkWritable() {
        checkOpen();
        // a delete goes through consensus and needs the right to write; it is refused, too, when space is out only by a
        // put
        session.call(
                "check that writing works",
                client -> client.getKVClient()
                        .txn()
                        .Then(
                                Op.put(bytes("writer/probe"), ByteSequence.from(new byte[0]), PutOption.DEFAULT),
                                Op.get(bytes(CatalogKeys.EPOCH), GetOption.DEFAULT))
                        .commit());
    }

    @Override
    public WriterLease acquire(LeaseRequest request) {
        checkOpen();
        EtcdWriterLease.Grant grant = grant();
        boolean done = false;
        try {
            EtcdWriterLease won = compete(request, grant);
            leases.add(won);
            won.start();
            done = true;
            return won;
        } finally {
            if (!done) {
                revoke(grant.id());
            }
        }
    }

    private EtcdWriterLease.Grant grant() {
        Duration ttl = session.config().leaseTtl();
        long sent = clock.nanos();
        long id = session.call(
                        "grant a lease", client -> client.getLeaseClient().grant(ttl.toSeconds()))
                .getID();
        return new EtcdWriterLease.Grant(id, ttl, sent);
    }

    private EtcdWriterLease compete(LeaseRequest request, EtcdWriterLease.Grant grant) {
        long deadline = System.nanoTime() + session.config().deadline().toNanos();
        while (true) {
            // the key hangs on a lease, so a holder that is found is alive, or was moments ago
            Election election = Election.decide(
                    toString(), request, get(CatalogKeys.EPOCH), get(CatalogKeys.HOLDER), holder -> true);
            ByteSequence holder = ByteSequence.from(election.holder().toBytes());
            OptionalLong revision = new EtcdTransaction(prefix, election.transaction())
                    .putOnLease(CatalogKeys.HOLDER, holder, grant.id())
                    .commit(session);
            if (revision.isEmpty()) {
                // lost a race, or the answer to the attempt that won it
                revision = get(CatalogKeys.HOLDER)
                        .filter(now -> Arrays.equals(now.value(), holder.getBytes()))
                        .map(now -> OptionalLong.of(now.revision()))
                        .orElse(revision);
            }
            if (revision.isPresent()) {
                return new EtcdWriterLease(this, election.holder(), revision.getAsLong(), grant, clock);
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new CatalogException.Unavailable(this + ": others keep changing the writer", null);
            }
        }
    }

    /** @return false when the lease has expired */
    boolean keepAlive(long lease, Duration limit) {
        try {
            session.tryOnce(
                    "renew the lease", limit, client -> client.getLeaseClient().keepAliveOnce(lease));
            return true;
        } catch (CatalogException.Failed e) {
            if (String.valueOf(e.getMessage()).contains("lease not found")) {
                return false;
            }
            throw e;
        }
    }

    /** Called by the writer's lease from time to time. */
    void keepHouse() {
        if (!closed) {
            housekeeping.run();
        }
    }

    boolean isHolder(EtcdWriterLease lease) {
        return get(CatalogKeys.HOLDER).map(CatalogEntry::revision).orElse(0L) == lease.holderRevision();
    }

    /** Called when a lease is lost. */
    void over(EtcdWriterLease lease) {
        leases.remove(lease);
    }

    /** After a release. Revoking takes the holder key with it, unless another lease holds it by now. */
    void giveUp(EtcdWriterLease lease, long leaseId) {
        leases.remove(lease);
        if (!closed) {
            revoke(leaseId);
        }
    }

    private void revoke(long lease) {
        try {
            session.call("revoke the lease", client -> client.getLeaseClient().revoke(lease));
        } catch (CatalogException e) {
            // it expires by itself
        }
    }

    private EtcdWriterLease ours(WriterLease lease) {
        if (lease instanceof EtcdWriterLease ours && ours.catalog() == this) {
            return ours;
        }
        throw new IllegalArgumentException("the lease of " + lease.holder() + " is not from this catalog");
    }

    private CatalogEntry entry(KeyValue kv) {
        return new CatalogEntry(
                kv.getKey().toString(StandardCharsets.US_ASCII).substring(prefix.length()),
                kv.getValue().getBytes(),
                kv.getModRevision());
    }

    private ByteSequence bytes(String key) {
        return EtcdSession.bytes(prefix + key);
    }

    /** The first key that does not begin with these characters. */
    private static ByteSequence end(String start) {
        byte[] bytes = start.getBytes(StandardCharsets.US_ASCII);
        bytes[bytes.length - 1]++; // never overflows: ASCII
        return ByteSequence.from(bytes);
    }

    private static ByteSequence after(ByteSequence key) {
        byte[] bytes = key.getBytes();
        return ByteSequence.from(Arrays.copyOf(bytes, bytes.length + 1));
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Set.copyOf(leases).forEach(lease -> lease.lose("the catalog was closed"));
            session.close();
        }
    }

    @Override
    public String toString() {
        return "catalog " + session.config();
    }
}
