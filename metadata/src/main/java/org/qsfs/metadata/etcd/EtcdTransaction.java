package org.qsfs.metadata.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.qsfs.metadata.CatalogKeys;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.Condition;
import org.qsfs.metadata.Mutation;

/** A transaction in etcd's terms: a comparison for each condition, an operation for each mutation. */
final class EtcdTransaction {

    private final EtcdRecords records;
    private final List<Mutation> mutations;
    private final List<Cmp> conditions = new ArrayList<>();
    private final List<Op> operations = new ArrayList<>();
    private final boolean deletesWhatWasThere;

    EtcdTransaction(EtcdRecords records, CatalogTransaction transaction) {
        this.records = records;
        this.mutations = transaction.mutations();
        transaction.conditions().forEach(this::translate);
        this.deletesWhatWasThere = transaction.conditions().stream()
                .anyMatch(condition -> condition instanceof Condition.AtRevision at
                        && mutations.contains(new Mutation.Delete(at.key())));
        for (Mutation mutation : mutations) {
            operations.add(
                    switch (mutation) {
                        case Mutation.Put put ->
                            Op.put(bytes(put.key()), ByteSequence.from(put.value()), PutOption.DEFAULT);
                        case Mutation.Delete delete -> Op.delete(bytes(delete.key()), DeleteOption.DEFAULT);
                    });
        }
    }

    /** Adds a put that hangs on a lease. */
    EtcdTransaction putOnLease(String key, ByteSequence value, long lease) {
        operations.add(
                Op.put(bytes(key), value, PutOption.builder().withLeaseId(lease).build()));
        return this;
    }

    /**
     * Carries it out.
     *
     * @param deadline by {@link System#nanoTime}
     * @return the revision, or empty when a condition did not hold
     */
    OptionalLong commit(EtcdSession session, long deadline) {
        long before = session.newestRevision();
        boolean[] repeated = {false};
        TxnResponse response = session.call("commit", deadline, client -> {
            Txn txn = client.getKVClient()
                    .txn()
                    .If(conditions.toArray(Cmp[]::new))
                    .Then(operations.toArray(Op[]::new));
            // only a repetition needs to look whether the first attempt came through
            Txn whole = repeated[0] ? txn.Else(evidence()) : txn;
            repeated[0] = true;
            return whole.commit();
        });
        if (response.isSucceeded()) {
            return OptionalLong.of(response.getHeader().getRevision());
        }
        return response.getGetResponses().isEmpty()
                ? OptionalLong.empty()
                : revisionIfDone(
                        response.getGetResponses(), before, response.getHeader().getRevision());
    }

    private Op[] evidence() {
        return mutations.stream()
                .map(mutation -> Op.get(bytes(mutation.key()), GetOption.DEFAULT))
                .toArray(Op[]::new);
    }

    /**
     * The revision of an earlier attempt, when the state shows all that it did: what it deleted is gone, and what it put is
     * there, written at one revision that is newer than {@code before}.
     */
    private OptionalLong revisionIfDone(List<GetResponse> found, long before, long now) {
        long revision = 0;
        for (int i = 0; i < mutations.size(); i++) {
            List<KeyValue> entry = found.get(i).getKvs();
            switch (mutations.get(i)) {
                case Mutation.Delete delete -> {
                    if (!entry.isEmpty()) {
                        return OptionalLong.empty();
                    }
                }
                case Mutation.Put put -> {
                    if (entry.isEmpty()
                            || !Arrays.equals(entry.getFirst().getValue().getBytes(), put.value())
                            || (revision != 0 && revision != entry.getFirst().getModRevision())) {
                        return OptionalLong.empty();
                    }
                    revision = entry.getFirst().getModRevision();
                }
            }
        }
        if (revision == 0) {
            return deletesWhatWasThere ? OptionalLong.of(now) : OptionalLong.empty();
        }
        return revision > before ? OptionalLong.of(revision) : OptionalLong.empty();
    }

    private void translate(Condition condition) {
        switch (condition) {
            case Condition.Absent absent ->
                conditions.add(new Cmp(bytes(absent.key()), Cmp.Op.EQUAL, CmpTarget.createRevision(0)));
            case Condition.AtRevision at ->
                conditions.add(new Cmp(bytes(at.key()), Cmp.Op.EQUAL, CmpTarget.modRevision(at.revision())));
            case Condition.Held held -> {
                EtcdWriterLease lease = (EtcdWriterLease) held.lease(); // the catalog has checked
                ByteSequence epoch = ByteSequence.from(Long.toString(lease.epoch()), StandardCharsets.US_ASCII);
                conditions.add(new Cmp(
                        bytes(CatalogKeys.HOLDER), Cmp.Op.EQUAL, CmpTarget.modRevision(lease.holderRevision())));
                conditions.add(new Cmp(bytes(CatalogKeys.EPOCH), Cmp.Op.EQUAL, CmpTarget.value(epoch)));
            }
        }
    }

    private ByteSequence bytes(String key) {
        return records.bytes(key);
    }
}
