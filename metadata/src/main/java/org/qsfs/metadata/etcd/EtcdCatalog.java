package org.qsfs.metadata.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogEntry;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.Condition;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.writer.BootClock;

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
    private final EtcdRecords records;
    private final EtcdLeases leases;
    private volatile boolean closed;

    /** Does not connect yet. */
    public EtcdCatalog(EtcdConfig config) {
        this(config, BootClock.system());
    }

    EtcdCatalog(EtcdConfig config, BootClock clock) {
        this.session = new EtcdSession(config);
        this.records = new EtcdRecords(session, config.prefix());
        this.leases = new EtcdLeases(session, records, clock);
    }

    @Override
    public Optional<CatalogEntry> get(String key) {
        CatalogKeys.check(key);
        checkOpen();
        return records.get(key, session.deadline());
    }

    @Override
    public void scan(String start, Consumer<CatalogEntry> consumer) {
        CatalogKeys.checkPrefix(start);
        ByteSequence end = end(records.bytes(start));
        ByteSequence from = records.bytes(start);
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
            found.forEach(kv -> consumer.accept(records.entry(kv)));
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
            if (condition instanceof Condition.Held held
                    && !leases.ours(held.lease()).isHeld()) {
                return OptionalLong.empty();
            }
        }
        OptionalLong result = new EtcdTransaction(records, transaction).commit(session, session.deadline());
        if (result.isEmpty()) {
            for (Condition condition : transaction.conditions()) {
                if (condition instanceof Condition.Held held) {
                    leases.learnOfLoss(leases.ours(held.lease()));
                }
            }
        }
        return result;
    }

    @Override
    public void checkWritable() {
        checkOpen();
        // only a put is refused when the quota is used up
        ByteSequence nothing = ByteSequence.from(new byte[0]);
        session.call(
                "check that writing works",
                client -> client.getKVClient()
                        .txn()
                        .Then(Op.put(records.bytes(CatalogKeys.PROBE), nothing, PutOption.DEFAULT))
                        .commit());
    }

    @Override
    public WriterLease acquire(LeaseRequest request) {
        checkOpen();
        return leases.acquire(request);
    }

    /** The first key that does not begin with these characters. */
    private static ByteSequence end(ByteSequence start) {
        byte[] bytes = start.getBytes().clone();
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
            leases.close();
            session.close();
        }
    }

    @Override
    public String toString() {
        return "catalog " + session.config();
    }
}
