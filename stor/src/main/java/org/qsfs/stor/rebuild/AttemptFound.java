package org.qsfs.stor.rebuild;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.stripe.Attempt;

/**
 * An attempt of which backends hold shards.
 *
 * @param attempt what it is, as one of its values proves
 * @param holdings which backend has how much of which shard
 */
record AttemptFound(Attempt attempt, List<Holding> holdings) {
    /** Best last: more whole shards, then later written. */
    static final Comparator<AttemptFound> ORDER =
            Comparator.comparingInt(AttemptFound::wholeShards).thenComparing(AttemptFound::lastWrite);

    AttemptFound {
        holdings = List.copyOf(holdings);
    }

    /**
     * What one backend has of one shard.
     *
     * @param values how many of its values
     * @param stripe the stripe of one of them
     * @param lastWrite seconds since 1970 of the latest
     * @param keys under which keys they are
     */
    record Holding(BackendId backend, int shard, int values, int stripe, long lastWrite, ShardKeys keys) {
        /** With one value more. */
        Holding and(long written) {
            return new Holding(backend, shard, values + 1, stripe, Math.max(lastWrite, written), keys);
        }
    }

    /** Shards that are on some backend with every stripe. */
    int wholeShards() {
        return (int) holdings.stream()
                .filter(this::isWhole)
                .mapToInt(Holding::shard)
                .distinct()
                .count();
    }

    boolean isWhole(Holding holding) {
        return holding.values() == attempt.layout().stripes();
    }

    /** Whether it can be read. */
    boolean isReadable() {
        return wholeShards() >= attempt.policy().minimalShards();
    }

    /** The backend that has most of a shard. */
    Optional<Holding> best(int shard) {
        return holdings.stream()
                .filter(holding -> holding.shard() == shard)
                .max(Comparator.comparingInt(Holding::values));
    }

    Instant lastWrite() {
        return lastWrite(holdings);
    }

    private static Instant lastWrite(Collection<Holding> holdings) {
        return Instant.ofEpochSecond(Math.max(
                0, holdings.stream().mapToLong(Holding::lastWrite).max().orElse(0)));
    }
}
