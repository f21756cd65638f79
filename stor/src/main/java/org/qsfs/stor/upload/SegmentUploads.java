package org.qsfs.stor.upload;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.qsfs.stor.backend.Backend;
import org.qsfs.stor.backend.BackendPool;
import org.qsfs.stor.catalog.SegmentCatalog;
import org.qsfs.stor.deletion.ShardDeletion;
import org.qsfs.stor.flow.ForegroundWork;
import org.qsfs.stor.flow.MemoryBudget;
import org.qsfs.stor.flow.RateLimit;
import org.qsfs.stor.placement.BackendChoice;
import org.qsfs.stor.repair.ShardRegeneration;
import org.qsfs.stor.segment.ObsoleteShard;
import org.qsfs.stor.segment.RedundancyPolicy;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.ShardState;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StoredState;
import org.qsfs.stor.segment.StripeLayout;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.StripeCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores segments: digest, placement, intent in the catalog, upload, result in the catalog.
 *
 * <p>Thread-safe; the caller holds the segment's lock.
 */
public final class SegmentUploads {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentUploads.class);
    private static final int HASH_BUFFER_BYTES = 256 << 10;

    private final Supplier<RedundancyPolicy> policies;
    private final IntSupplier stripeSizes;
    private final SegmentCatalog catalog;
    private final BackendPool pool;
    private final Codecs codecs;
    private final MemoryBudget memory;
    private final RateLimit rate;
    private final ExecutorService encoders;
    private final ForegroundWork foreground;
    private final ShardRegeneration regeneration;
    private final ShardDeletion deletion;
    private final UploadCounters counters;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final Map<SegmentId, Upload> running = new ConcurrentHashMap<>();

    /**
     * @param policies for new segments
     * @param stripeSizes for new segments
     * @param rate of sending
     * @param encoders see {@link Upload}
     */
    public SegmentUploads(
            Supplier<RedundancyPolicy> policies,
            IntSupplier stripeSizes,
            SegmentCatalog catalog,
            BackendPool pool,
            Codecs codecs,
            MemoryBudget memory,
            RateLimit rate,
            ExecutorService encoders,
            ForegroundWork foreground,
            ShardRegeneration regeneration,
            ShardDeletion deletion,
            UploadCounters counters,
            RandomGenerator random,
            InstantSource clock) {
        this.policies = policies;
        this.stripeSizes = stripeSizes;
        this.catalog = catalog;
        this.pool = pool;
        this.codecs = codecs;
        this.memory = memory;
        this.rate = rate;
        this.encoders = encoders;
        this.foreground = foreground;
        this.regeneration = regeneration;
        this.deletion = deletion;
        this.counters = counters;
        this.random = random;
        this.clock = clock;
    }

    /** Uploads under way. */
    public Map<SegmentId, Upload> running() {
        return Map.copyOf(running);
    }

    /**
     * Stores a segment, unless it is stored with the same content.
     *
     * @return its record, STORED or DEGRADED
     * @throws StorException.UploadFailed when fewer shards than the write quorum could be written
     */
    public SegmentRecord store(SegmentId id, Path path) throws IOException, InterruptedException {
        catalog.requireWriter();
        int stripeSize = stripeSizes.getAsInt();
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long length = file.size();
            if (!StripeLayout.isLegal(length, stripeSize)) {
                throw new StorException.BadSource("the file " + path + " of segment " + id + " has " + length
                        + " bytes, expected 1 to " + StripeLayout.MAX_SEGMENT_LENGTH);
            }
            Sha256 digest = digest(file, length, path);
            Optional<SegmentRecord> before = catalog.find(id);
            if (before.isPresent() && before.get().state().readable()) {
                return requireSame(before.get(), digest, path);
            }
            StripeLayout layout = new StripeLayout(length, stripeSize);
            try (StripeCodec codec = codecs.begin(id, policies.get(), layout)) {
                return store(codec, file, digest, before);
            }
        }
    }

    private SegmentRecord store(StripeCodec codec, FileChannel file, Sha256 digest, Optional<SegmentRecord> before)
            throws IOException, InterruptedException {
        SegmentId id = codec.attempt().segment();
        StripeLayout layout = codec.attempt().layout();
        RedundancyPolicy policy = codec.attempt().policy();
        long bytesPerShard = layout.segmentLength() / policy.minimalShards();
        BackendChoice choice = new BackendChoice(pool, policy, random, bytesPerShard);
        List<Backend> backends = choice.forAll();
        Intents intents = new Intents();
        Layout places = new Layout(backends, choice, layout.stripes(), intents);
        if (!places.mayReachQuorum()) {
            throw failed(id, places);
        }
        intents.begin(codec, digest, places.places(), before);
        if (before.isPresent() && before.get().state() == StoredState.UPLOADING) {
            intents.deleteGarbage();
        }
        Upload upload = new Upload(codec, file, places, memory, rate, encoders, foreground, regeneration, counters);
        running.put(id, upload);
        boolean published = false;
        try {
            SegmentRecord stored = publish(intents, upload.run(), places);
            published = true;
            return stored;
        } finally {
            running.remove(id);
            if (!published) {
                SegmentRecord begun = intents.current();
                catalog.leave(begun, places.withKeys(begun));
            }
        }
    }

    private SegmentRecord publish(Intents intents, List<ShardPlace> places, Layout layout) throws IOException {
        SegmentRecord written = layout.withKeys(intents.current());
        int present = (int) places.stream()
                .filter(place -> place.state() == ShardState.PRESENT)
                .count();
        if (present < layout.writeQuorum()) {
            throw failed(written.id(), layout);
        }
        List<ShardPlace> settled = places.stream()
                .map(place -> place.state() == ShardState.ADDING ? place.with(ShardState.MISSING) : place)
                .toList();
        SegmentRecord stored = written.with(settled, clock.instant(), written.obsolete())
                .with(present == places.size() ? StoredState.STORED : StoredState.DEGRADED);
        catalog.put(stored);
        if (stored.state() == StoredState.DEGRADED) {
            LOG.warn(
                    "segment {} is stored with {} of {} shards: {}",
                    stored.id(),
                    present,
                    places.size(),
                    layout.failures());
        }
        return stored;
    }

    private static StorException failed(SegmentId id, Layout layout) {
        int written = (int) layout.places().stream()
                .filter(place -> place.state() == ShardState.PRESENT)
                .count();
        return new StorException.UploadFailed(
                id, written, layout.writeQuorum(), layout.places().size(), layout.failures());
    }

    private static SegmentRecord requireSame(SegmentRecord stored, Sha256 digest, Path path)
            throws StorException.BadSource {
        if (stored.sha256().isPresent() && !stored.sha256().get().equals(digest)) {
            throw new StorException.BadSource("segment " + stored.id() + " is stored with SHA-256 "
                    + stored.sha256().get() + ", but the file " + path + " has " + digest
                    + "; a closed segment never changes, so the file is damaged or belongs to another segment");
        }
        return stored;
    }

    private static Sha256 digest(FileChannel file, long length, Path path) throws IOException {
        MessageDigest hasher = Sha256.hasher();
        ByteBuffer buffer = ByteBuffer.allocate(HASH_BUFFER_BYTES);
        long at = 0;
        while (at < length) {
            buffer.clear();
            buffer.limit((int) Math.min(HASH_BUFFER_BYTES, length - at));
            int read = file.read(buffer, at);
            if (read < 0) {
                throw new EOFException("the file " + path + " ends at byte " + at + ", it had " + length);
            }
            hasher.update(buffer.flip());
            at += read;
        }
        return Sha256.of(hasher.digest());
    }

    /** Keeps the record of the attempt in the catalog ahead of what is written. */
    private final class Intents implements Layout.Intents {
        private Optional<SegmentRecord> record = Optional.empty();

        /** The record of the attempt as it is in the catalog. */
        synchronized SegmentRecord current() {
            return record.orElseThrow(() -> new IllegalStateException("the attempt has not begun"));
        }

        /** Records the attempt; whatever an earlier one wrote becomes garbage. */
        synchronized void begin(
                StripeCodec codec, Sha256 digest, List<ShardPlace> places, Optional<SegmentRecord> before)
                throws IOException {
            SegmentId id = codec.attempt().segment();
            if (before.isPresent() && !before.get().state().mayBecome(StoredState.UPLOADING)) {
                throw new StorException.NotStored(id, "it is " + before.get().state() + " and cannot be stored again");
            }
            List<ObsoleteShard> garbage =
                    before.map(SegmentRecord::everythingAsGarbage).orElse(List.of());
            put(new SegmentRecord(
                    id,
                    StoredState.UPLOADING,
                    codec.attempt().id(),
                    codec.attempt().keyVersion(),
                    codec.attempt().policy(),
                    codec.attempt().layout(),
                    Optional.of(digest),
                    clock.instant(),
                    places,
                    new ArrayList<>(garbage)));
        }

        /** Deletes what earlier attempts wrote, where that is possible now, so that attempts which fail again and again do not pile up. */
        synchronized void deleteGarbage() throws IOException, InterruptedException {
            SegmentRecord begun = current();
            if (!begun.obsolete().isEmpty()) {
                put(begun.with(begun.shards(), begun.lastWrite(), deletion.delete(begun.obsolete())));
            }
        }

        @Override
        public synchronized void moved(int shard, ShardPlace next) throws IOException {
            put(current().moved(shard, next));
        }

        private void put(SegmentRecord next) throws StorException {
            catalog.put(next);
            record = Optional.of(next);
        }
    }
}
