package org.qsfs.stor.backend;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.zdb.client.CheckResult;
import org.qsfs.zdb.client.ScanEntry;
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
    private volatile boolean identified;
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
        return identified;
    }

    void identify(boolean isOurs) {
        identified = isOurs;
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
        return health.latencyNanos(System.nanoTime()) * (1 + readsUnderWay.get());
    }

    /** The value of a key, empty when there is none. */
    public Optional<byte[]> read(byte[] key) {
        readsUnderWay.incrementAndGet();
        long start = System.nanoTime();
        try {
            Optional<byte[]> value = watched(() -> reads.get(key));
            long now = System.nanoTime();
            health.readSucceeded(now - start, now);
            return value;
        } finally {
            readsUnderWay.decrementAndGet();
        }
    }

    /** Writes a value; acknowledged when it returns. */
    public void write(byte[] key, byte[] value) {
        watched(() -> writes.set(key, value));
        health.written(value.length);
    }

    /** Removes a key, if it is there. */
    public void delete(byte[] key) {
        watched(() -> writes.delete(key));
        health.writeSucceeded();
    }

    /** Tells every key with the time of its last change, page by page; each page has the deadline of a read. See {@link ZdbClient#scan}. */
    public void scan(Consumer<ScanEntry> consumer) {
        watched(() -> {
            reads.scan(consumer);
            return true;
        });
    }

    /** Has the backend compare a value with its checksum. */
    public CheckResult check(byte[] key) {
        return watched(() -> reads.check(key));
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

    private <T> T watched(Supplier<T> call) {
        if (!identified) {
            throw new ZdbException.Unreachable("backend " + id() + " is not identified: " + detail(), null);
        }
        try {
            return call.get();
        } catch (ZdbException failure) {
            health.failed(failure);
            throw failure;
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
