package org.qsfs.stor.backend;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.zdb.client.CheckResult;
import org.qsfs.zdb.client.ScanEntry;
import org.qsfs.zdb.client.SequentialKey;
import org.qsfs.zdb.client.ZdbClient;
import org.qsfs.zdb.client.ZdbException;
import org.qsfs.zdb.client.ZdbTimeouts;

/**
 * One backend: calls to it, each with a deadline, and what they tell of its health. Reads, writes and the monitor have connections of their own, so that none waits
 * behind another.
 *
 * <p>Calls fail with {@link ZdbException}. Thread-safe; interrupting a thread ends its call.
 */
public final class Backend implements AutoCloseable {
    private volatile BackendConfig config;
    private final ZdbClient reads;
    private final ZdbClient writes;
    private final ZdbClient probes;
    private final Health health = new Health();
    private final AtomicInteger readsUnderWay = new AtomicInteger();
    private volatile @Nullable KeyScheme scheme;
    private volatile @Nullable Instant foundEmpty;

    Backend(BackendConfig config, PoolSettings settings) {
        this.config = config;
        this.reads = client(settings, settings.read(), settings.connections());
        this.writes = client(settings, settings.write(), settings.connections());
        this.probes = client(settings, settings.probe(), 1);
    }

    /** The same backend, at the same address, in another group or on other terms. */
    void configure(BackendConfig next) {
        config = next;
    }

    private ZdbClient client(PoolSettings settings, Duration request, int connections) {
        return new ZdbClient(config.endpoint(), new ZdbTimeouts(settings.connect(), request), connections);
    }

    /** Its stable id. */
    public BackendId id() {
        return config.id();
    }

    /** The group it belongs to. */
    public String group() {
        return config.group();
    }

    /** How much it is to get. */
    public BackendTerms terms() {
        return config.terms();
    }

    /** Whether it was reached and found to be the one that is configured; otherwise every call fails. */
    public boolean identified() {
        return scheme != null;
    }

    /** @param keys where values lie in it; null when it is not the one that is configured, or is not known to be */
    synchronized void identify(@Nullable KeyScheme keys) {
        scheme = keys;
    }

    /** The incarnation of its namespace when that is sequential, empty when it is in user mode. Ids of another incarnation mean nothing. */
    public OptionalLong incarnation() {
        return scheme instanceof SequentialKeys ids ? OptionalLong.of(ids.incarnation()) : OptionalLong.empty();
    }

    /** When it was met without a marker, so that nothing of what was written to it before can be there; empty when it was not. */
    public Optional<Instant> foundEmpty() {
        return Optional.ofNullable(foundEmpty);
    }

    /** The records say now what is missing there. */
    public void emptinessRecorded() {
        foundEmpty = null;
    }

    void hadNoMarker() {
        foundEmpty = Instant.now();
    }

    /** How it behaves at the moment. */
    public BackendState state() {
        return health.state();
    }

    /** How long it has been down without interruption; zero when it is not. */
    public Duration downFor() {
        return health.downFor();
    }

    /** Why it is not healthy; empty when it is. */
    public String detail() {
        return health.detail();
    }

    /** Bytes that it can still take as last told. */
    public long freeBytes() {
        return terms().free(health.freeBytes(), health.liveBytes());
    }

    /** Bytes of live values in its namespace as last told. */
    public long liveBytes() {
        return health.liveBytes();
    }

    /** Whether a value it acknowledged is on its disk. */
    public boolean acknowledgesAfterSync() {
        return health.acknowledgesAfterSync();
    }

    /** Everything that is known of it. */
    public BackendStatus status() {
        return new BackendStatus(
                id(),
                config.endpoint().toString(),
                group(),
                state(),
                detail(),
                Duration.ofNanos(health.latencyNanos(System.nanoTime())),
                freeBytes(),
                health.liveBytes(),
                health.acknowledgesAfterSync(),
                terms());
    }

    /** Time in nanoseconds that a read is likely to take now, for comparison. */
    public long expectedReadNanos() {
        return health.expectedNanos(System.nanoTime()) * (1 + readsUnderWay.get());
    }

    /** The value of a shard's stripe; empty when it is not there, or not under these keys. */
    public Optional<byte[]> read(ShardName name, ShardKeys keys) {
        Optional<byte[]> key = watched(now -> now.find(name, keys));
        return key.isEmpty() ? Optional.empty() : timed(now -> reads.get(key.get()));
    }

    /** The value of a reserved key, empty when there is none. */
    public Optional<byte[]> read(byte[] key) {
        return timed(now -> now.readReserved(reads, key));
    }

    /**
     * The value of an id.
     *
     * @param incarnation of the namespace that gave the id
     */
    public Optional<byte[]> read(long incarnation, long id) {
        return timed(now -> reads.get(key(now, incarnation, id)));
    }

    /** Has the backend compare a shard's value with its checksum. */
    public CheckResult check(ShardName name, ShardKeys keys) {
        return watched(now -> now.find(name, keys).map(reads::check).orElse(CheckResult.MISSING));
    }

    /** Whether it is the namespace that was identified; asks it when ids mean nothing in another one. */
    public boolean isSame() {
        return watched(now -> !(now instanceof SequentialKeys ids) || ids.isSame(reads));
    }

    /** Keys with which a shard is begun, or gone on with; the same ones while nobody knows where it keeps values. */
    ShardKeys begin(ShardKeys before) {
        KeyScheme now = scheme;
        return now == null ? before : now.begin(before);
    }

    /** See {@link ShardTarget#write}. */
    OptionalLong write(ShardName name, ShardKeys begun, OptionalLong known, byte[] value) {
        OptionalLong id = watched(now -> {
            requireOf(now, begun);
            return now.write(writes, name, known, value);
        });
        health.written(value.length);
        return id;
    }

    /** Writes the value of a reserved key; acknowledged when it returns. */
    public void write(byte[] key, byte[] value) {
        watched(now -> {
            now.writeReserved(writes, key, value);
            return key;
        });
        health.written(value.length);
    }

    /** Removes a shard's value, if it is there under these keys. */
    public void delete(ShardName name, ShardKeys keys) {
        watched(now -> now.find(name, keys).map(writes::delete));
        health.writeSucceeded();
    }

    /**
     * Removes the value of an id, if it is there.
     *
     * @param incarnation of the namespace that gave the id
     */
    public void delete(long incarnation, long id) {
        watched(now -> writes.delete(key(now, incarnation, id)));
        health.writeSucceeded();
    }

    /**
     * Tells every key that may be one of a shard, with the time of its last change, page by page; each page has the deadline of a read. In user mode it is a {@link ShardName}, of any volume;
     * else an id. See {@link ZdbClient#scan}.
     */
    public void scan(Consumer<ScanEntry> consumer) {
        watched(now -> {
            reads.scan(entry -> {
                if (now.mayBeShard(entry.key())) {
                    consumer.accept(entry);
                }
            });
            return true;
        });
    }

    /** Tells that a read has been under way for too long; the backend is avoided until a call to it succeeds. */
    public void overdue(Duration waited) {
        health.overdue("a read got no answer for " + waited.toMillis() + " ms");
    }

    Health health() {
        return health;
    }

    ZdbClient probes() {
        return probes;
    }

    BackendConfig config() {
        return config;
    }

    private byte[] key(KeyScheme now, long incarnation, long id) {
        requireOf(now, new ShardKeys.Sequential(incarnation, List.of()));
        return SequentialKey.of(id);
    }

    private void requireOf(KeyScheme now, ShardKeys keys) {
        if (!now.isOf(keys)) {
            throw new ZdbException.Unreachable(
                    "the namespace of backend " + id() + " is not the one any more that it was when this began", null);
        }
    }

    private <T> T timed(Function<KeyScheme, T> call) {
        readsUnderWay.incrementAndGet();
        long start = System.nanoTime();
        try {
            T value = watched(call);
            long now = System.nanoTime();
            health.readSucceeded(now - start, now);
            return value;
        } finally {
            readsUnderWay.decrementAndGet();
        }
    }

    private <T> T watched(Function<KeyScheme, T> call) {
        KeyScheme now = scheme;
        if (now == null || now.isLost()) {
            throw new ZdbException.Unreachable("backend " + id() + " is not identified: " + detail(), null);
        }
        try {
            return call.apply(now);
        } catch (ZdbException failure) {
            health.failed(failure);
            throw failure;
        } finally {
            if (now.isLost()) {
                forget(now);
            }
        }
    }

    private synchronized void forget(KeyScheme lost) {
        if (scheme == lost) {
            scheme = null;
            health.down("its namespace was emptied, or is another one");
        }
    }

    /** Disconnects; calls under way fail. */
    @Override
    public void close() {
        reads.close();
        writes.close();
        probes.close();
    }
}
