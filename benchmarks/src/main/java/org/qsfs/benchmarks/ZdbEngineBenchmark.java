package org.qsfs.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.qsfs.zdb.engine.Database;
import org.qsfs.zdb.engine.DatabaseConfig;
import org.qsfs.zdb.engine.DatabaseListener;
import org.qsfs.zdb.engine.Namespace;
import org.qsfs.zdb.engine.SyncMode;
import org.qsfs.zdb.engine.WriteOutcome;
import org.qsfs.zdb.log.Location;
import org.qsfs.zdb.log.SegmentLog;
import org.qsfs.zdb.log.SegmentLogConfig;

/** The zdb engine without a server: values by key, and entries by location. Files are in the page cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx256m")
public class ZdbEngineBenchmark {
    private static final int KEYS = 10_000;
    /** Appends go round in so many segments, lest the disk fills. */
    private static final int SEGMENT_BYTES = 64 << 20;

    private static final int MOST_SEGMENTS = 8;

    /** Bytes of a value. */
    @Param({"64", "4096", "131072"})
    public int length;

    private final SplittableRandom random = new SplittableRandom(1);
    private final ByteBuffer read = ByteBuffer.allocateDirect(4096);
    private Path directory = Path.of("");
    private byte[] value = {};
    private int keys;
    private @Nullable Database database;
    private @Nullable SegmentLog log;
    private @Nullable Location location;

    /** Fills a namespace and appends one entry to a log. */
    @Setup
    public void open() throws IOException {
        directory = Files.createTempDirectory("zdb-engine");
        value = new byte[length];
        keys = Math.min(KEYS, (64 << 20) / length);
        Database opened = Database.open(
                DatabaseConfig.of(directory.resolve("data"), directory.resolve("index"))
                        .withSync(SyncMode.INTERVAL, Duration.ofSeconds(1)),
                DatabaseListener.NONE);
        database = opened;
        for (int i = 0; i < keys; i++) {
            set(opened.defaultNamespace(), i);
        }
        SegmentLog started = SegmentLog.open(
                SegmentLogConfig.of(directory.resolve("log-data"), directory.resolve("log-index"), "log")
                        .withSegmentSize(SEGMENT_BYTES));
        started.startSegment(0);
        log = started;
        location = started.append(key(0), ByteBuffer.wrap(value));
    }

    /** Removes the files. */
    @TearDown
    public void close() throws IOException {
        if (database != null) {
            database.close();
        }
        if (log != null) {
            log.close();
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static byte[] key(int number) {
        return ("key:" + number).getBytes(StandardCharsets.US_ASCII);
    }

    private WriteOutcome set(Namespace namespace, int key) throws IOException {
        random.nextBytes(value);
        return namespace.set(key(key), 1, ByteBuffer.wrap(value));
    }

    private Namespace namespace() {
        if (database == null) {
            throw new IllegalStateException("not open");
        }
        return database.defaultNamespace();
    }

    private SegmentLog log() {
        if (log == null) {
            throw new IllegalStateException("not open");
        }
        return log;
    }

    /** Reads a value by a random key. */
    @Benchmark
    public byte @Nullable [] get() throws IOException {
        return namespace().get(key(random.nextInt(keys)));
    }

    /** Overwrites a random key; making the random value is part of it. */
    @Benchmark
    public WriteOutcome set() throws IOException {
        return set(namespace(), random.nextInt(keys));
    }

    /** Appends to the log. */
    @Benchmark
    public Location append() throws IOException {
        Location at = log().append(key(1), ByteBuffer.wrap(value));
        if (at.segment() >= MOST_SEGMENTS && at.offset() < 100) {
            log().evict(at.segment() - MOST_SEGMENTS);
        }
        return at;
    }

    /** Reads up to 4 KiB by location. */
    @Benchmark
    public ByteBuffer readByLocation() throws IOException {
        Location at = location;
        if (at == null) {
            throw new IllegalStateException("not open");
        }
        log().read(at, 0, read.clear().limit(Math.min(length, read.capacity())));
        return read;
    }
}
