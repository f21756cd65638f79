package org.qsfs.stor.deletion;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.ObsoleteShard;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.zdb.client.ZdbException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes garbage from backends, the backends at the same time. Thread-safe. */
public final class ShardDeletion {
    private static final Logger LOG = LoggerFactory.getLogger(ShardDeletion.class);

    private final VolumeId volume;
    private final BackendPool pool;

    public ShardDeletion(VolumeId volume, BackendPool pool) {
        this.volume = volume;
        this.pool = pool;
    }

    /**
     * Deletes shards.
     *
     * @return those whose deletion was not acknowledged, because their backend does not answer. What was on a backend that the configuration does not name any more
     *     counts as deleted. Of sequential backends those values are deleted whose ids are known; others are orphans
     */
    public List<ObsoleteShard> delete(List<ObsoleteShard> garbage) throws InterruptedException {
        Map<BackendId, List<ObsoleteShard>> byBackend = new LinkedHashMap<>();
        garbage.forEach(shard -> byBackend
                .computeIfAbsent(shard.backend(), id -> new ArrayList<>())
                .add(shard));
        List<ObsoleteShard> left = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<ObsoleteShard>>> deletions = byBackend.entrySet().stream()
                    .map(entry -> threads.submit(() -> delete(entry.getKey(), entry.getValue())))
                    .toList();
            for (Future<List<ObsoleteShard>> deletion : deletions) {
                left.addAll(deletion.get());
            }
        } catch (ExecutionException failed) {
            throw new IllegalStateException("deleting shards failed", failed.getCause());
        }
        return left;
    }

    private List<ObsoleteShard> delete(BackendId id, List<ObsoleteShard> garbage) {
        Optional<Backend> backend = pool.find(id);
        if (backend.isEmpty()) {
            LOG.info("backend {} is not configured any more, {} shards on it are forgotten", id, garbage.size());
            return List.of();
        }
        if (!backend.get().identified() || backend.get().state() == BackendState.DOWN) {
            return garbage;
        }
        for (int i = 0; i < garbage.size(); i++) {
            ObsoleteShard shard = garbage.get(i);
            try {
                for (int stripe = 0; stripe < shard.stripes(); stripe++) {
                    ShardName name = new ShardName(volume, shard.attempt(), stripe, shard.shard());
                    backend.get().delete(name, shard.keys());
                }
            } catch (ZdbException failed) {
                LOG.debug("deleting {} failed: {}", shard, failed.getMessage());
                return garbage.subList(i, garbage.size());
            }
        }
        return List.of();
    }
}
