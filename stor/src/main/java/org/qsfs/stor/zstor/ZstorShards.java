package org.qsfs.stor.zstor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbEndpoint;
import org.qsfs.zdb.client.ZdbException;
import org.qsfs.zdb.client.ZdbTimeouts;

/** Pieces of shards, from the sequential namespaces that records name. Thread-safe. */
final class ZstorShards implements AutoCloseable {
    private static final int CONNECTIONS = 2;

    private final ZdbTimeouts timeouts;
    private final Map<ZdbEndpoint, ZdbClient> clients = new ConcurrentHashMap<>();

    ZstorShards(ZdbTimeouts timeouts) {
        this.timeouts = timeouts;
    }

    /** @throws ZstorException when the server fails or has no such piece */
    byte[] piece(ZstorRecord.Shard shard, int number) throws ZstorException {
        ZdbClient client =
                clients.computeIfAbsent(shard.backend(), endpoint -> new ZdbClient(endpoint, timeouts, CONNECTIONS));
        try {
            return client.get(shard.keys().get(number))
                    .orElseThrow(() -> new ZstorException(
                            "piece " + number + " of shard " + shard.index() + " is not in " + shard.backend()));
        } catch (ZdbException e) {
            throw new ZstorException(
                    "piece " + number + " of shard " + shard.index() + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        clients.values().forEach(ZdbClient::close);
    }
}
