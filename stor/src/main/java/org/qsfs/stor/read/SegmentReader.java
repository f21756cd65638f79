package org.qsfs.stor.read;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.qsfs.stor.flow.ForegroundWork;
import org.qsfs.stor.flow.MemoryBudget;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.ShardPlace;
import org.qsfs.stor.segment.StorException;
import org.qsfs.stor.segment.StripeLayout;
import org.qsfs.stor.stripe.Codecs;
import org.qsfs.stor.stripe.Compression;
import org.qsfs.stor.stripe.StripeCodec;

/**
 * Reads parts of stored segments: only the stripes concerned, several at once, each at most once at a time.
 *
 * <p>Thread-safe. Ends within a few read deadlines whatever backends do.
 */
public final class SegmentReader implements AutoCloseable {
    /** Stripes of one read that are fetched at the same time. */
    private static final int WINDOW = 3;

    private final OpenCodecs codecs;
    private final ShardGatherer gatherer;
    private final MemoryBudget memory;
    private final ForegroundWork foreground;
    private final StripeCache cache;
    private final ReadAhead readAhead = new ReadAhead();
    private final ReadSettings settings;
    private final ReadCounters counters;
    /** A guess, from the stripe that was read last: only of raw stripes parts can be had before the whole. */
    private volatile boolean mayBeRaw;

    /** @param memory what stripes being read may use */
    public SegmentReader(
            Codecs codecs,
            ShardGatherer gatherer,
            MemoryBudget memory,
            ForegroundWork foreground,
            ReadSettings settings,
            ReadCounters counters) {
        this.codecs = new OpenCodecs(codecs);
        this.gatherer = gatherer;
        this.memory = memory;
        this.foreground = foreground;
        this.cache = new StripeCache(settings.cacheBytes());
        this.settings = settings;
        this.counters = counters;
    }

    /**
     * Reads {@code dst.remaining()} bytes from byte {@code offset}.
     *
     * @throws IllegalArgumentException when the range is not inside of the segment
     */
    public void read(SegmentRecord record, long offset, ByteBuffer dst) throws IOException {
        StripeLayout layout = record.layout();
        if (offset < 0 || dst.remaining() > layout.segmentLength() - offset) {
            throw new IllegalArgumentException(dst.remaining() + " bytes from byte " + offset
                    + " are not inside of segment " + record.id() + " of " + layout.segmentLength() + " bytes");
        }
        if (!dst.hasRemaining()) {
            return;
        }
        int first = layout.stripeAt(offset);
        int last = layout.stripeAt(offset + dst.remaining() - 1);
        foreground.begin();
        try {
            copy(record, offset, dst, first, last);
            readAhead(record, first, last);
        } finally {
            foreground.end();
        }
    }

    private void copy(SegmentRecord record, long offset, ByteBuffer dst, int first, int last) throws IOException {
        Deque<CompletableFuture<ByteBuffer>> window = new ArrayDeque<>();
        long end = offset + dst.remaining();
        int next = first;
        while (dst.hasRemaining()) {
            while (next <= last && window.size() < WINDOW) {
                long begin = record.layout().offset(next);
                int from = (int) (Math.max(offset, begin) - begin);
                int to = (int) Math.min(end - begin, record.layout().length(next));
                window.add(start(record, next++, from, to - from));
            }
            dst.put(StripeCache.await(window.remove(), settings.deadline().multipliedBy(2)));
        }
    }

    /** Begins to fetch what a sequential reader will want next, if there is memory for it now and room to keep it. */
    private void readAhead(SegmentRecord record, int first, int last) {
        int wanted = readAhead.read(record.attempt(), first, last);
        long room = settings.cacheBytes() / record.layout().stripeSize() - 1;
        int end = (int) Math.min(last + Math.min(wanted, room), record.layout().stripes() - 1L);
        for (int stripe = last + 1; stripe <= end; stripe++) {
            int ahead = stripe;
            StripeCache.Key key = new StripeCache.Key(record.attempt(), ahead);
            if (memory.free() >= needed(record) && cache.ahead(key, arrivals -> load(record, ahead, arrivals))) {
                counters.readAhead.increment();
            }
        }
    }

    private static long needed(SegmentRecord record) {
        return StripeCodec.memory(
                record.layout().stripeSize(),
                record.policy().minimalShards(),
                record.policy().expectedShards());
    }

    /** The plain bytes of one stripe, fetched without being kept in memory. */
    public byte[] load(SegmentRecord record, int stripe) throws IOException {
        return load(record, stripe, Arrivals.NONE);
    }

    private byte[] load(SegmentRecord record, int stripe, Arrivals arrivals) throws IOException {
        long bytes = needed(record);
        Duration patience = settings.deadline();
        try (MemoryBudget.Reservation reserved = memory.reserve(bytes, patience);
                OpenCodecs.Use used = codecs.take(record)) {
            if (reserved == null) {
                throw new IOException("no memory for reading stripe " + stripe + " of segment " + record.id()
                        + " within " + patience.toMillis() + " ms; too many reads wait for backends");
            }
            StripeCodec codec = used.codec();
            byte[] plain = load(codec, stripe, record.shards(), arrivals);
            counters.plainBytes.add(plain.length);
            return plain;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("reading segment " + record.id() + " was interrupted");
        }
    }

    /** Opening a stripe proves its shards. Only when it does not open their MACs are looked at, to leave out those that are not what they say. */
    private byte[] load(StripeCodec codec, int stripe, List<ShardPlace> places, Arrivals arrivals) throws IOException {
        try {
            BitSet first = mayBeRaw ? arrivals.awaited(codec, stripe) : new BitSet();
            Shards shards = gatherer.gatherUnchecked(codec, stripe, places, arrivals, first);
            mayBeRaw = shards.header().compression() == Compression.RAW;
            codec.restoreData(shards.header(), shards.values());
            shards.showData(codec, arrivals);
            return codec.decode(shards.header(), shards.values());
        } catch (StorException.Damaged someShard) {
            Shards shards = gatherer.gather(codec, stripe, places);
            return codec.decode(shards.header(), shards.values());
        }
    }

    private CompletableFuture<ByteBuffer> start(SegmentRecord record, int stripe, int from, int length) {
        StripeCache.Key key = new StripeCache.Key(record.attempt(), stripe);
        if (cache.find(key).isPresent()) {
            counters.cacheHits.increment();
        }
        return cache.start(key, from, length, arrivals -> load(record, stripe, arrivals));
    }

    /** Wipes keys that are kept for the next reads. */
    @Override
    public void close() {
        codecs.close();
    }
}
