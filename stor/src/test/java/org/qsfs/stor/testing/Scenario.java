package org.qsfs.stor.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.Catalog;
import org.qsfs.metadata.CatalogTransaction;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.SealedCatalog;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.local.LocalCatalog;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.backend.BackendConfig;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.BackendState;
import org.qsfs.stor.backend.PoolSettings;
import org.qsfs.stor.check.CheckDepth;
import org.qsfs.stor.read.ReadSettings;
import org.qsfs.stor.scrub.ScrubReport;
import org.qsfs.stor.scrub.ScrubScope;
import org.qsfs.stor.segment.BackendId;
import org.qsfs.stor.segment.Head;
import org.qsfs.stor.segment.ObsoleteShard;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.SegmentRecordFormat;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.stor.segment.ShardKeys;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.stripe.ShardHeader;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.zdb.client.SequentialKey;
import org.qsfs.zdb.client.ZdbAddress;
import org.qsfs.zdb.client.ZdbEndpoint;

/**
 * A volume with backends in memory, a proxy before each, and a local catalog, to write scenarios with:
 *
 * <pre>{@code
 * try (Scenario volume = Scenario.given(volume(2, 4))) {
 *     volume.write(10_000).kill(2).expectReadable();
 * }
 * }</pre>
 *
 * <p>Backends are numbered from 0 and called b0, b1, … Methods return the scenario itself.
 */
public final class Scenario implements AutoCloseable {
    /** Small, so that a segment has several. */
    public static final int STRIPE = 64 << 10;

    private static final PoolSettings QUICK = new PoolSettings(
            Duration.ofSeconds(3),
            Duration.ofSeconds(3),
            Duration.ofSeconds(3),
            Duration.ofSeconds(3),
            Duration.ofMillis(100),
            8,
            1 << 20);

    /** Which backends are sequential when a volume does not say; {@code -Dqsfs.test.sequential=all} or {@code some} runs every scenario on such ones. */
    private static final IntPredicate SEQUENTIAL = switch (System.getProperty("qsfs.test.sequential", "none")) {
        case "all" -> backend -> true;
        case "some" -> backend -> backend % 2 == 1;
        default -> backend -> false;
    };

    private final Volume volume;
    private List<BackendConfig> configured = List.of();
    private StorConfig settings;
    private final Path directory;
    private final VolumeKeys keys;
    private final Catalog catalog;
    private final WriterLease lease;
    private final List<MemoryZdb> zdbs = new ArrayList<>();
    private final List<FaultProxy> proxies = new ArrayList<>();
    private final Map<SegmentId, byte[]> contents = new ConcurrentSkipListMap<>();
    private final Random random = new Random(20);
    private final Set<Integer> removed = new HashSet<>();
    private BackendPool pool;
    private StorEngine engine;

    /**
     * How the volume is made.
     *
     * @param policy k, n and the losses to survive
     * @param groups group of each backend
     * @param engine changes the settings of the engine
     * @param backends changes the deadlines towards backends
     * @param sequential which backends have a sequential namespace
     */
    public record Volume(
            RedundancyPolicy policy,
            List<String> groups,
            UnaryOperator<StorConfig> engine,
            UnaryOperator<PoolSettings> backends,
            IntPredicate sequential) {
        /** The same volume with more backends, all in one group. */
        public Volume onBackends(int count) {
            return onGroups(java.util.Collections.nCopies(count, "g").toArray(String[]::new));
        }

        /** The same volume with a backend per named group. */
        public Volume onGroups(String... groupOfEach) {
            return new Volume(policy, List.of(groupOfEach), engine, backends, sequential);
        }

        /** The same volume with other settings of the engine. */
        public Volume with(UnaryOperator<StorConfig> change) {
            return new Volume(policy, groups, config -> change.apply(engine.apply(config)), backends, sequential);
        }

        /** The same volume with other deadlines. */
        public Volume withBackends(UnaryOperator<PoolSettings> change) {
            return new Volume(policy, groups, engine, settings -> change.apply(backends.apply(settings)), sequential);
        }

        /** The same volume with sequential namespaces on some backends. */
        public Volume sequentialOn(IntPredicate which) {
            return new Volume(policy, groups, engine, backends, which);
        }
    }

    /** A volume with k of n shards on n backends in one group. */
    public static Volume volume(int k, int n) {
        return volume(RedundancyPolicy.of(k, n));
    }

    /** A volume with that policy, on as many backends as it has shards. */
    public static Volume volume(RedundancyPolicy policy) {
        return new Volume(policy, List.of(), config -> config, settings -> settings, SEQUENTIAL)
                .onBackends(policy.expectedShards());
    }

    /** Sets the volume up. */
    public static Scenario given(Volume volume) {
        try {
            return new Scenario(volume, Files.createTempDirectory("qsfs-scenario"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Scenario(Volume volume, Path directory) throws IOException {
        this.volume = volume;
        this.directory = directory;
        this.keys = VolumeKeys.generate(VolumeId.random());
        this.settings = StorConfig.of(volume.policy());
        this.catalog = new SealedCatalog(
                LocalCatalog.open(directory.resolve("catalog")), keys.sealer("catalog"), keys.volume());
        this.lease = catalog.acquire(LeaseRequest.fresh("scenario"));
        for (int i = 0; i < volume.groups().size(); i++) {
            addBackend();
        }
        this.pool = openPool();
        this.engine = openEngine(catalog);
    }

    private void addBackend() {
        MemoryZdb zdb = volume.sequential().test(zdbs.size()) ? MemoryZdb.startSequential() : MemoryZdb.start();
        zdbs.add(zdb);
        proxies.add(FaultProxy.before(zdb.address().host(), zdb.address().port()));
    }

    /** One more backend that the configuration does not name yet; {@link #reconfigure} with {@link #config} makes it known. */
    public int start() {
        addBackend();
        return zdbs.size() - 1;
    }

    /** A backend as configured, on the usual terms. */
    public BackendConfig config(int backend, String group) {
        ZdbAddress address =
                new ZdbAddress(proxies.get(backend).host(), proxies.get(backend).port());
        return new BackendConfig(new BackendId("b" + backend), group, new ZdbEndpoint(address, "default"));
    }

    /** The same backend at the address behind its proxy, as if it had moved. */
    public BackendConfig behind(int backend) {
        return new BackendConfig(
                new BackendId("b" + backend),
                volume.groups().get(backend),
                new ZdbEndpoint(zdbs.get(backend).address(), "default"));
    }

    /** What the engine uses now. */
    public StorConfig settings() {
        return settings;
    }

    /** Changes settings and backends while the volume is in use. */
    public Scenario reconfigure(UnaryOperator<StorConfig> change, UnaryOperator<List<BackendConfig>> backends)
            throws IOException {
        StorConfig next = change.apply(settings);
        List<BackendConfig> list = backends.apply(new ArrayList<>(configured));
        engine.reconfigure(next, list, volume.backends().apply(QUICK));
        settings = next;
        configured = list;
        return this;
    }

    private BackendPool openPool() throws IOException {
        List<BackendConfig> configs = new ArrayList<>();
        for (int i = 0; i < volume.groups().size(); i++) {
            if (removed.contains(i)) {
                continue;
            }
            configs.add(config(i, volume.groups().get(i)));
        }
        configured = configs;
        return BackendPool.open(keys.volume(), configs, volume.backends().apply(QUICK), true);
    }

    private StorEngine openEngine(Catalog records) throws IOException {
        StorConfig config = new StorConfig(
                volume.policy(),
                STRIPE,
                8 << 20,
                8 << 20,
                new ReadSettings(Duration.ofSeconds(6), Duration.ofMillis(700), Duration.ofMillis(20), 5, 0),
                Duration.ofSeconds(120),
                0,
                StorConfig.Healing.NONE,
                Duration.ofSeconds(2));
        settings = volume.engine().apply(config);
        return StorEngine.open(settings, records, lease, keys, pool);
    }

    // ---- what is there

    public StorEngine engine() {
        return engine;
    }

    public Catalog catalog() {
        return catalog;
    }

    public WriterLease lease() {
        return lease;
    }

    public VolumeKeys keys() {
        return keys;
    }

    public BackendPool pool() {
        return pool;
    }

    /** How many backends there are. */
    public int backends() {
        return zdbs.size();
    }

    /** Whether every segment is in that state. */
    public boolean all(StoredState state) {
        try {
            for (SegmentId id : contents.keySet()) {
                if (record(id).state() != state) {
                    return false;
                }
            }
            return true;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public MemoryZdb zdb(int backend) {
        return zdbs.get(backend);
    }

    public FaultProxy proxy(int backend) {
        return proxies.get(backend);
    }

    public SegmentRecord record(SegmentId id) throws IOException {
        return engine.record(id).orElseThrow();
    }

    /** The number of the backend that has a shard. */
    public int backendOf(SegmentId id, int shard) throws IOException {
        ShardPlace place = record(id).shards().get(shard);
        return Integer.parseInt(place.backend().value().substring(1));
    }

    public byte[] content(SegmentId id) {
        return java.util.Objects.requireNonNull(contents.get(id));
    }

    /** The segment written last. */
    public SegmentId last() {
        return new ArrayList<>(contents.keySet()).getLast();
    }

    // ---- what happens

    /** Stores a segment of that many bytes, half of which compress well. */
    public Scenario write(int length) throws IOException {
        SegmentId id = SegmentId.data(lease.epoch(), contents.size());
        engine.store(id, file(id, length));
        return this;
    }

    /** Stores a segment from its local copy once more. */
    public Scenario storeAgain(SegmentId id) throws IOException {
        engine.store(id, directory.resolve(id.namespace().word() + id.number()));
        return this;
    }

    /** Makes a segment of that many bytes without storing it. */
    public Path file(SegmentId id, int length) throws IOException {
        byte[] content = new byte[length];
        random.nextBytes(content);
        java.util.Arrays.fill(content, 0, length / 2, (byte) id.number());
        contents.put(id, content);
        return Files.write(directory.resolve(id.namespace().word() + id.number()), content);
    }

    /** Backends 0 to count − 1 go down. */
    public Scenario kill(int count) {
        for (int i = 0; i < count; i++) {
            proxies.get(i).inject(new FaultProxy.Fault.Refuse());
        }
        return this;
    }

    /** Something happens to one backend. */
    public Scenario inject(int backend, FaultProxy.Fault fault) {
        proxies.get(backend).inject(fault);
        return this;
    }

    /** A backend is taken out of the configuration, and the engine opened again. */
    public Scenario remove(int backend) throws IOException {
        removed.add(backend);
        return reopen();
    }

    /** Changes one value behind everybody's back. */
    public Scenario changeValue(SegmentId id, int stripe, int shard, UnaryOperator<byte[]> change) throws IOException {
        ByteBuffer key = key(id, stripe, shard);
        byte[] before = zdb(backendOf(id, shard)).values().get(key);
        zdb(backendOf(id, shard)).values().put(key, change.apply(before.clone()));
        return this;
    }

    /** Under which key a value is, as the record has it. */
    public ByteBuffer key(SegmentId id, int stripe, int shard) throws IOException {
        return ByteBuffer.wrap(
                switch (record(id).shards().get(shard).keys()) {
                    case ShardKeys.Named() ->
                        new ShardName(keys.volume(), record(id).attempt(), stripe, shard).encode();
                    case ShardKeys.Sequential ids ->
                        SequentialKey.of(ids.id(stripe).orElseThrow());
                });
    }

    /** Looks at everything, and has it repaired. */
    public ScrubReport scrub(CheckDepth depth) throws IOException {
        return engine.scrub(ScrubScope.all(depth), (done, total) -> {});
    }

    /** Publishes a head that ends in a meta segment. */
    public Scenario publish(int number) throws IOException {
        Head head = new Head(
                lease.epoch(),
                SegmentId.meta(lease.epoch(), number),
                Sha256.digest(new byte[] {(byte) number}),
                Optional.empty(),
                Instant.now());
        assertThat(engine.publishHead(engine.head(), head)).isTrue();
        return this;
    }

    /** Changes a record behind the engine's back, which sees it when it is opened again. */
    public Scenario put(SegmentRecord record) {
        assertThat(catalog.commit(CatalogTransaction.begin()
                        .ifHeld(lease)
                        .put(record.id().catalogKey(), SegmentRecordFormat.encode(record))
                        .build()))
                .isPresent();
        return this;
    }

    /** Removes a key from the catalog. */
    public Scenario forget(String key) {
        assertThat(catalog.commit(
                        CatalogTransaction.begin().ifHeld(lease).delete(key).build()))
                .isPresent();
        return this;
    }

    /** Everything works again. */
    public Scenario restore() {
        proxies.forEach(FaultProxy::heal);
        zdbs.forEach(zdb -> zdb.limit(0));
        return this;
    }

    /** Everything works again, and the engine has noticed. */
    public Scenario heal() {
        restore();
        for (int i = 0; i < proxies.size(); i++) {
            awaitState(i, BackendState.HEALTHY);
        }
        return this;
    }

    /** Waits until the engine sees a backend in a state. */
    public Scenario awaitState(int backend, BackendState state) {
        BackendId id = new BackendId("b" + backend);
        return await(
                "backend " + id + " is " + state,
                () -> pool.find(id).orElseThrow().state() == state);
    }

    /** Waits until something is so, at most 10 s. */
    public Scenario await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline for: " + what).isLessThan(deadline);
            java.util.concurrent.locks.LockSupport.parkNanos(
                    Duration.ofMillis(5).toNanos());
        }
        return this;
    }

    /** The engine is closed and opened again, as after a restart. */
    public Scenario reopen() throws IOException {
        return reopenOn(catalog);
    }

    /** The same on something between engine and catalog. */
    public Scenario reopenOn(Catalog records) throws IOException {
        engine.close();
        pool = openPool();
        engine = openEngine(records);
        return this;
    }

    // ---- what is expected

    /** Every segment can be read whole, in odd pieces, and as a file, and is what was written. */
    public Scenario expectReadable() throws IOException {
        for (Map.Entry<SegmentId, byte[]> segment : contents.entrySet()) {
            byte[] expected = segment.getValue();
            assertThat(read(segment.getKey(), 0, expected.length)).isEqualTo(expected);
            int offset = expected.length / 3;
            int length = Math.min(1000, expected.length - offset);
            assertThat(read(segment.getKey(), offset, length))
                    .isEqualTo(java.util.Arrays.copyOfRange(expected, offset, offset + length));
        }
        return this;
    }

    /**
     * Every value of a shard on any backend is named by a record: as part of its attempt or as garbage. What sequential backends took and nobody heard of is collected first.
     */
    public Scenario expectNothingForgotten() throws IOException {
        collectFromSequential();
        Set<List<Object>> named = new HashSet<>();
        for (SegmentRecord record : engine.records()) {
            for (ObsoleteShard shard : record.everythingAsGarbage()) {
                boolean closed = shard.keys() instanceof ShardKeys.Sequential ids
                        && !ids.isOpen(shard.stripes())
                        && record.state() == StoredState.STORED;
                if (shard.keys() instanceof ShardKeys.Sequential ids) {
                    ids.ids().forEach(id -> named.add(List.of(shard.backend(), id)));
                }
                if (!closed) {
                    named.add(List.of(shard.backend(), shard.attempt(), shard.shard()));
                }
            }
        }
        for (int backend = 0; backend < zdbs.size(); backend++) {
            BackendId id = new BackendId("b" + backend);
            for (Map.Entry<ByteBuffer, byte[]> value :
                    zdbs.get(backend).shards().entrySet()) {
                List<Object> key =
                        List.of(id, SequentialKey.id(value.getKey().array()).orElse(-1));
                ShardHeader header = ShardHeader.decode(value.getValue());
                List<Object> shard = List.of(id, header.attempt().id(), header.shard());
                assertThat(named.contains(key) || named.contains(shard))
                        .as("a record names shard %d of %s on b%d", header.shard(), header.attempt(), backend)
                        .isTrue();
            }
        }
        return this;
    }

    /** Every readable segment can be read, whatever became of the others. */
    public Scenario expectWhatIsStoredReadable() throws IOException {
        for (SegmentRecord record : engine.records()) {
            if (record.state().readable()) {
                byte[] expected = content(record.id());
                assertThat(read(record.id(), 0, expected.length)).isEqualTo(expected);
            }
        }
        return this;
    }

    /** No backend holds a shard of anything. */
    public Scenario expectEmptyBackends() throws IOException {
        collectFromSequential();
        zdbs.forEach(zdb -> assertThat(zdb.shards()).isEmpty());
        return this;
    }

    private void collectFromSequential() throws IOException {
        if (zdbs.stream().anyMatch(MemoryZdb::isSequential)) {
            try {
                engine.collectOrphans(Duration.ZERO, true);
            } catch (StorException.CatalogFailed dead) {
                // whose catalog died in the test collects nothing
            }
        }
    }

    public byte[] read(SegmentId id, long offset, int length) throws IOException {
        ByteBuffer dst = ByteBuffer.allocate(length);
        engine.read(id, offset, dst);
        assertThat(dst.hasRemaining()).isFalse();
        return dst.array();
    }

    /** Every segment is in that state. */
    public Scenario expectState(StoredState state) throws IOException {
        for (SegmentId id : contents.keySet()) {
            assertThat(record(id).state()).isEqualTo(state);
        }
        return this;
    }

    @Override
    public void close() {
        proxies.forEach(FaultProxy::heal);
        engine.close();
        lease.close();
        catalog.close();
        proxies.forEach(FaultProxy::close);
        zdbs.forEach(MemoryZdb::close);
        keys.close();
        try (var files = Files.walk(directory)) {
            for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
