package org.qsfs.benchmarks.stor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.qsfs.encryption.CipherWarmup;
import org.qsfs.encryption.VolumeId;
import org.qsfs.encryption.VolumeKeys;
import org.qsfs.metadata.LeaseRequest;
import org.qsfs.metadata.SealedCatalog;
import org.qsfs.metadata.WriterLease;
import org.qsfs.metadata.local.LocalCatalog;
import org.qsfs.stor.StorConfig;
import org.qsfs.stor.StorEngine;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.backend.PoolSettings;
import org.qsfs.stor.read.ReadCounters;
import org.qsfs.stor.read.ReadSettings;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.StripeLayout;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.ShardName;
import org.qsfs.stor.stripe.StripeCodec;
import org.qsfs.zdb.client.ZdbClient;

/**
 * Uploads, cold reads and repair of 64 MiB segments over four backend processes, 2+2, and the encode path alone. Prints a line per figure: the best of all rounds, since
 * other work on the machine only makes them worse.
 *
 * <p>Arguments: a directory on a real disk, emptied at the end; how many rounds.
 */
public final class StorComparison {
    private static final int SEGMENT = 64 << 20;
    private static final int STRIPE = StripeLayout.DEFAULT_STRIPE_SIZE;
    private static final int PARALLEL = 2;
    private static final Duration REST_OF_STRIPE = Duration.ofMillis(20);
    private static final RedundancyPolicy POLICY = RedundancyPolicy.of(2, 4);

    private final Path directory;
    private final int rounds;
    private final byte[] stripe = new byte[STRIPE];

    private StorComparison(Path directory, int rounds) {
        this.directory = directory;
        this.rounds = rounds;
        new Random(3).nextBytes(stripe);
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "stor-comparison");
        CipherWarmup.start();
        StorComparison comparison = new StorComparison(directory, Integer.parseInt(arguments[1]));
        try {
            comparison.encode(POLICY);
            comparison.encode(RedundancyPolicy.of(16, 20));
            comparison.endToEnd();
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Probe, encrypt, code, MAC of incompressible stripes, on one thread. */
    private void encode(RedundancyPolicy policy) throws IOException {
        double best = 0;
        try (VolumeKeys keys = VolumeKeys.generate(VolumeId.random());
                Codecs codecs = new Codecs(keys, 1)) {
            for (int round = 0; round < 20 * rounds; round++) {
                try (StripeCodec codec =
                        codecs.begin(SegmentId.data(1, round), policy, new StripeLayout(SEGMENT, STRIPE))) {
                    long start = threadCpu();
                    for (int i = 0; i < SEGMENT / STRIPE; i++) {
                        sink(codec.encode(i, stripe));
                    }
                    best = Math.max(best, SEGMENT / (double) (threadCpu() - start));
                }
            }
        }
        say(String.format(
                Locale.ROOT, "encode path %s, GB per second of processor time of one thread: %.2f", policy, best));
    }

    private void endToEnd() throws Exception {
        Path file = directory.resolve("segment");
        try (var out = Files.newOutputStream(file)) {
            Random random = new Random(5);
            for (int i = 0; i < SEGMENT / STRIPE; i++) {
                random.nextBytes(stripe);
                out.write(stripe);
            }
        }
        VolumeId volume = VolumeId.random();
        try (LocalBackends backends = new LocalBackends(directory, POLICY.expectedShards());
                VolumeKeys keys = VolumeKeys.generate(volume);
                SealedCatalog catalog = new SealedCatalog(
                        LocalCatalog.open(directory.resolve("catalog")), keys.sealer("catalog"), volume);
                WriterLease lease = catalog.acquire(LeaseRequest.fresh("benchmark"));
                StorEngine engine = StorEngine.open(
                        settings(),
                        catalog,
                        lease,
                        keys,
                        BackendPool.open(volume, backends.configs(0), PoolSettings.DEFAULT, true))) {
            List<SegmentId> stored = upload(engine, lease, file, backends);
            reads(catalog, keys, volume, backends, stored);
            repair(engine, keys, backends, stored.getLast());
        }
    }

    private List<SegmentId> upload(StorEngine engine, WriterLease lease, Path file, LocalBackends backends)
            throws Exception {
        List<SegmentId> stored = new ArrayList<>();
        double best = 0;
        double leastCpu = Double.MAX_VALUE;
        double leastBackendCpu = Double.MAX_VALUE;
        for (int round = 0; round < rounds; round++) {
            System.gc();
            heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
            long start = System.nanoTime();
            long cpu = processCpu();
            double backendCpu = backends.cpuSeconds();
            try (ExecutorService threads = Executors.newFixedThreadPool(PARALLEL)) {
                List<Future<SegmentRecord>> uploads = new ArrayList<>();
                for (int i = 0; i < 2 * PARALLEL; i++) {
                    SegmentId id = SegmentId.data(lease.epoch(), stored.size());
                    stored.add(id);
                    uploads.add(threads.submit(() -> engine.store(id, file)));
                }
                for (Future<SegmentRecord> upload : uploads) {
                    upload.get();
                }
            }
            double bytes = 2.0 * PARALLEL * SEGMENT;
            best = Math.max(best, bytes / (System.nanoTime() - start));
            leastCpu = Math.min(leastCpu, (processCpu() - cpu) / bytes);
            leastBackendCpu = Math.min(leastBackendCpu, (backends.cpuSeconds() - backendCpu) * 1e9 / bytes);
        }
        long peak = heapPools().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
        say(String.format(Locale.ROOT, "segment to 4 acknowledged shards, GB/s: %.2f", best));
        say(String.format(
                Locale.ROOT,
                "  processor seconds per GB: engine %.2f, four backends together %.2f",
                leastCpu,
                leastBackendCpu));
        say(String.format(
                Locale.ROOT,
                "  heap: %d MB at most, -Xmx %d MB",
                peak >> 20,
                Runtime.getRuntime().maxMemory() >> 20));
        return stored;
    }

    private void reads(
            SealedCatalog catalog, VolumeKeys keys, VolumeId volume, LocalBackends backends, List<SegmentId> stored)
            throws Exception {
        try (StorEngine healthy = reader(catalog, keys, volume, backends, 0);
                StorEngine degraded = reader(catalog, keys, volume, backends, 2)) {
            long healthyBest = Long.MAX_VALUE;
            long degradedBest = Long.MAX_VALUE;
            long healthyCpu = Long.MAX_VALUE;
            long degradedCpu = Long.MAX_VALUE;
            for (int round = 0; round < 2 * rounds; round++) {
                SegmentId id = stored.get(round % stored.size());
                long cpu = processCpu();
                healthyBest = Math.min(healthyBest, timeToRead(healthy, id));
                long between = processCpu();
                degradedBest = Math.min(degradedBest, timeToRead(degraded, id));
                healthyCpu = Math.min(healthyCpu, between - cpu);
                degradedCpu = Math.min(degradedCpu, processCpu() - between);
            }
            say(String.format(
                    Locale.ROOT,
                    "cold read of 64 MiB, ms: healthy %.0f, 2 of 4 backends lost %.0f, ratio %.2f",
                    healthyBest / 1e6,
                    degradedBest / 1e6,
                    (double) degradedBest / healthyBest));
            say(String.format(
                    Locale.ROOT, "  processor time of it, ms: %.0f and %.0f", healthyCpu / 1e6, degradedCpu / 1e6));
            firstByte(healthy, stored, keys, backends);
        }
    }

    private void firstByte(StorEngine engine, List<SegmentId> stored, VolumeKeys keys, LocalBackends backends)
            throws Exception {
        int tries = 400 * rounds;
        long[] first = new long[tries];
        long[] transfer = new long[tries];
        double fetched = 0;
        ByteBuffer few = ByteBuffer.allocate(4096);
        try (ZdbClient one = new ZdbClient(backends.configs(0).get(0).endpoint());
                ZdbClient two = new ZdbClient(backends.configs(0).get(1).endpoint());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < tries; round++) {
                SegmentId id = stored.get(round % stored.size());
                int at = round % (SEGMENT / STRIPE);
                long before = engine.statistics().reads().shardBytes();
                long start = System.nanoTime();
                few.clear();
                engine.read(id, (long) at * STRIPE, few);
                first[round] = System.nanoTime() - start;
                // the rest of the stripe is still being received and opened
                Thread.sleep(REST_OF_STRIPE);
                fetched += (engine.statistics().reads().shardBytes() - before) / ((double) tries * STRIPE);
                SegmentRecord record = engine.record(id).orElseThrow();
                start = System.nanoTime();
                Future<?> left = threads.submit(() -> one.get(name(keys, record, at, "b0")));
                Future<?> right = threads.submit(() -> two.get(name(keys, record, at, "b1")));
                left.get();
                right.get();
                transfer[round] = System.nanoTime() - start;
            }
        }
        // the first half is warm-up: code that runs a few hundred times is not compiled yet
        Arrays.sort(first, tries / 2, tries);
        Arrays.sort(transfer, tries / 2, tries);
        say(String.format(
                Locale.ROOT,
                "first 4 KiB of a cold stripe, ms: best %.2f, median %.2f, fetching %.2f times the stripe; bare transfer of two shards of it: best %.2f, median %.2f",
                first[tries / 2] / 1e6,
                first[tries * 3 / 4] / 1e6,
                fetched,
                transfer[tries / 2] / 1e6,
                transfer[tries * 3 / 4] / 1e6));
    }

    private void repair(StorEngine engine, VolumeKeys keys, LocalBackends backends, SegmentId id) throws Exception {
        SegmentRecord record = engine.record(id).orElseThrow();
        try (ZdbClient client = new ZdbClient(backends.configs(0).get(3).endpoint())) {
            for (int at = 0; at < record.layout().stripes(); at++) {
                client.delete(name(keys, record, at, "b3"));
            }
            engine.confirmStored(id);
            ReadCounters.Snapshot before = engine.statistics().reads();
            long live = client.info().entries();
            long start = System.nanoTime();
            engine.repairAll();
            long took = System.nanoTime() - start;
            ReadCounters.Snapshot after = engine.statistics().reads();
            say(String.format(
                    Locale.ROOT,
                    "repair of one lost shard of 64 MiB: %.0f ms, read %.2f and wrote %.2f times the shard",
                    took / 1e6,
                    (after.shardBytes() - before.shardBytes()) / (SEGMENT / 2.0),
                    (client.info().entries() - live) / (double) record.layout().stripes()));
        }
    }

    private static byte[] name(VolumeKeys keys, SegmentRecord record, int stripe, String backend) {
        List<ShardPlace> places = record.shards();
        for (int shard = 0; shard < places.size(); shard++) {
            if (places.get(shard).backend().value().equals(backend)) {
                return new ShardName(keys.volume(), record.attempt(), stripe, shard).encode();
            }
        }
        throw new IllegalStateException("no shard of " + record.id() + " on " + backend);
    }

    private static StorEngine reader(
            SealedCatalog catalog, VolumeKeys keys, VolumeId volume, LocalBackends backends, int away)
            throws IOException {
        BackendPool pool = BackendPool.open(volume, backends.configs(away), PoolSettings.DEFAULT, false);
        return StorEngine.open(settings(), catalog, null, keys, pool);
    }

    private long timeToRead(StorEngine engine, SegmentId id) throws IOException {
        ByteBuffer piece = ByteBuffer.wrap(stripe);
        long start = System.nanoTime();
        // as a sequential reader of the filesystem does, with three stripes under way
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Future<?>> parts = new ArrayList<>();
            for (int i = 0; i < SEGMENT / STRIPE; i++) {
                long offset = (long) i * STRIPE;
                ByteBuffer own = piece.duplicate();
                parts.add(threads.submit(() -> {
                    engine.read(id, offset, own);
                    return null;
                }));
            }
            for (Future<?> part : parts) {
                part.get();
            }
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new IOException(e);
        }
        return System.nanoTime() - start;
    }

    private static StorConfig settings() {
        ReadSettings usual = ReadSettings.DEFAULT;
        return StorConfig.of(POLICY)
                .with(new ReadSettings(
                        usual.deadline(), usual.patience(), usual.shortestHedge(), usual.hedgePercent(), 0))
                .with(StorConfig.Healing.NONE.withRepairAfter(Duration.ofDays(1)));
    }

    private static Stream<MemoryPoolMXBean> heapPools() {
        return ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP);
    }

    private static long threadCpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long processCpu() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static void sink(byte[][] values) {
        if (values.length == 0) {
            throw new IllegalStateException("nothing was encoded");
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
