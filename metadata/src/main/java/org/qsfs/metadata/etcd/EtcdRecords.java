package org.qsfs.metadata.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.qsfs.metadata.CatalogEntry;

/** Keys of the catalog as keys of etcd, and reading one of them. Thread-safe. */
record EtcdRecords(EtcdSession session, String prefix) {

    ByteSequence bytes(String key) {
        return EtcdSession.bytes(prefix + key);
    }

    CatalogEntry entry(KeyValue kv) {
        return new CatalogEntry(
                kv.getKey().toString(StandardCharsets.US_ASCII).substring(prefix.length()),
                kv.getValue().getBytes(),
                kv.getModRevision());
    }

    Optional<CatalogEntry> get(String key, long deadline) {
        GetResponse response = session.call(
                "get " + key, deadline, client -> client.getKVClient().get(bytes(key)));
        return response.getKvs().stream().findFirst().map(this::entry);
    }
}
