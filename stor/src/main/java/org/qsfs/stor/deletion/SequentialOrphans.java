package org.qsfs.stor.deletion;

import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.qsfs.encryption.VolumeId;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.flow.ForegroundWork;
import org.qsfs.stor.flow.RateLimit;
import org.qsfs.stor.stripe.ShardHeader;

/**
 * The orphans of one sequential backend: values whose ids no record names, of shards that no record says are being written. The rules of {@link OrphanCollector} apply. Every value without
 * a record is read, because its id does not tell whose it is.
 */
final class SequentialOrphans {
    private final SegmentCatalog catalog;
    private final Backend backend;
    private final long incarnation;
    private final UnnamedValues values;
    private final RateLimit rate;
    private final ForegroundWork foreground;

    SequentialOrphans(
            VolumeId volume,
            SegmentCatalog catalog,
            Backend backend,
            long incarnation,
            RateLimit rate,
            ForegroundWork foreground) {
        this.catalog = catalog;
        this.backend = backend;
        this.incarnation = incarnation;
        this.values = new UnnamedValues(volume, backend, incarnation);
        this.rate = rate;
        this.foreground = foreground;
    }

    /** @param before when a value must have been written to be touched */
    OrphanReport collect(Instant before, boolean delete) throws IOException, InterruptedException {
        List<UnnamedValues.Value> found = values.list(NamedValues.on(backend.id(), incarnation, catalog));
        // whoever began to write meanwhile has said so in a record first
        NamedValues now = NamedValues.on(backend.id(), incarnation, catalog);
        Set<ShardOf> orphans = new HashSet<>();
        Set<ShardOf> later = new HashSet<>();
        long orphanValues = 0;
        long bytes = 0;
        long young = 0;
        long unknown = 0;
        for (UnnamedValues.Value value : found) {
            long own = catalog.requireWriter().epoch();
            if (now.contains(value.id())) {
                continue;
            }
            if (value.timestamp() > before.getEpochSecond()) {
                young++;
                continue;
            }
            foreground.yieldToReads();
            rate.acquire(value.length());
            Optional<ShardHeader> header = values.header(value);
            if (header.isEmpty()) {
                unknown++;
                continue;
            }
            ShardOf shard =
                    new ShardOf(header.get().attempt().id(), header.get().shard());
            if (header.get().attempt().segment().epoch() > own) {
                later.add(shard);
            } else if (!now.mayHaveOthers(shard.attempt(), shard.shard())) {
                orphans.add(shard);
                orphanValues++;
                bytes += value.length();
                if (delete) {
                    values.delete(value);
                }
            }
        }
        return new OrphanReport(
                orphans.size(),
                orphanValues,
                bytes,
                delete ? orphans.size() : 0,
                young,
                later.size(),
                unknown,
                List.of());
    }
}
