package org.qsfs.zdb.server;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.ValueIdentity;
import org.qsfs.zdb.engine.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Values that were asked for again and again, in memory outside the heap, so that a GET need not read and check them another time.
 *
 * <p>A value is taken when it is read a second time within some ten thousand reads: who reads everything once costs no memory. Values lie one behind the other in
 * segments, which are allocated when first needed and then emptied and used again in turn. Nothing is ever invalidated: an identity means one
 * written value forever, and one that was overwritten, deleted or flushed is not looked for any more.
 *
 * <p>Thread-safe. A segment is not emptied while a {@link Lease} of it is open.
 */
final class ValueCache {
    /** Shorter values cost less to read than to remember. */
    static final int SHORTEST = 2 << 10;

    static final int LONGEST = 1 << 20;
    static final int SEGMENT_BYTES = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ValueCache.class);
    /** Places of {@link #entries} where one may be, from where its hash says. */
    private static final int PROBES = 4;

    private static final int CACHE_LINE = 64;
    private static final int REMEMBERED_READS = 1 << 16;

    /** Entries of emptied segments stay until their places are needed. */
    private final AtomicReferenceArray<@Nullable Entry> entries;

    private final ReentrantLock filling = new ReentrantLock();
    /** The rest is guarded by {@link #filling}. */
    private final @Nullable Segment[] segments;
    /** Hashes of what was read lately, each at a place that it determines. */
    private final int[] reads;

    private int current;

    /** @param bytes of memory, rounded down to whole segments; less than one segment = no value is ever taken */
    ValueCache(long bytes) {
        int count = (int) Math.min(bytes / SEGMENT_BYTES, 1 << 14);
        segments = new Segment[count];
        reads = new int[count == 0 ? 0 : REMEMBERED_READS];
        // a place for each of the shortest values
        entries = new AtomicReferenceArray<>(Integer.highestOneBit(Math.max(1, count * (SEGMENT_BYTES / SHORTEST))));
    }

    /** Where a value lies, unless its segment has another generation by now. */
    private record Entry(
            Object store,
            int dataFile,
            int dataOffset,
            int indexFile,
            int indexOffset,
            int length,
            int crc,
            Segment segment,
            int generation,
            int offset) {
        static Entry of(ValueIdentity identity, Segment segment, int offset) {
            Version v = identity.version();
            return new Entry(
                    identity.store(),
                    v.dataFile(),
                    v.dataOffset(),
                    v.indexFile(),
                    v.indexOffset(),
                    v.length(),
                    v.crc(),
                    segment,
                    segment.generation.get(),
                    offset);
        }

        /** Compares field by field: the equality of records costs as much as all the rest of a GET's search. */
        boolean is(ValueIdentity identity) {
            Version v = identity.version();
            return dataOffset == v.dataOffset()
                    && crc == v.crc()
                    && dataFile == v.dataFile()
                    && indexOffset == v.indexOffset()
                    && indexFile == v.indexFile()
                    && length == v.length()
                    && store.equals(identity.store());
        }

        boolean isStale() {
            return generation != segment.generation.get();
        }
    }

    /** Memory for values, and how many read from it. */
    private static final class Segment {
        private static final int CLOSED = -1;

        private final ByteBuffer bytes = ByteBuffer.allocateDirect(SEGMENT_BYTES);
        /** Leases that are open, or {@link #CLOSED} while the segment is emptied. */
        private final AtomicInteger leases = new AtomicInteger();
        /** Grows whenever the segment is emptied. */
        private final AtomicInteger generation = new AtomicInteger();

        boolean enter() {
            for (int now = leases.get(); now != CLOSED; now = leases.get()) {
                if (leases.compareAndSet(now, now + 1)) {
                    return true;
                }
            }
            return false;
        }

        void leave() {
            leases.decrementAndGet();
        }

        /** False when a lease is open. */
        boolean empty() {
            if (!leases.compareAndSet(0, CLOSED)) {
                return false;
            }
            bytes.clear();
            generation.incrementAndGet();
            leases.set(0);
            return true;
        }

        /** Puts a value where there is room for it, and returns its offset. */
        int put(ByteBuffer... value) {
            int offset = bytes.position();
            int at = offset;
            for (ByteBuffer part : value) {
                bytes.put(at, part, part.position(), part.remaining());
                at += part.remaining();
            }
            bytes.position((at + CACHE_LINE - 1) & -CACHE_LINE);
            return offset;
        }
    }

    /** A value that stays where it is until the lease is closed. */
    static final class Lease implements AutoCloseable {
        private final Segment segment;
        private final ByteBuffer value;
        private boolean closed;

        private Lease(Segment segment, ByteBuffer value) {
            this.segment = segment;
            this.value = value;
        }

        ByteBuffer value() {
            return value;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                segment.leave();
            }
        }
    }

    /** The value, or null when it is not here. */
    @Nullable
    Lease find(ValueIdentity identity) {
        Entry entry = isFit(identity) ? entryOf(identity) : null;
        if (entry == null || !entry.segment.enter()) {
            return null;
        }
        if (entry.isStale()) {
            entry.segment.leave();
            return null;
        }
        return new Lease(entry.segment, entry.segment.bytes.slice(entry.offset, entry.length));
    }

    private @Nullable Entry entryOf(ValueIdentity identity) {
        int hash = hash(identity);
        for (int i = 0; i < PROBES; i++) {
            Entry entry = entries.get(place(hash, i));
            if (entry != null && entry.is(identity)) {
                return entry;
            }
        }
        return null;
    }

    /** A value was read and checked; it is copied when it was read lately. Positions stay. */
    void wasRead(ValueIdentity identity, ByteBuffer... value) {
        if (!isFit(identity) || !filling.tryLock()) {
            return;
        }
        try {
            if (isReadAgain(hash(identity)) && !isHere(identity)) {
                take(identity, value);
            }
        } finally {
            filling.unlock();
        }
    }

    private boolean isHere(ValueIdentity identity) {
        Entry entry = entryOf(identity);
        return entry != null && !entry.isStale();
    }

    /** Bytes of memory that were allocated. */
    long usedBytes() {
        filling.lock();
        try {
            long bytes = 0;
            for (Segment segment : segments) {
                bytes += segment == null ? 0 : SEGMENT_BYTES;
            }
            return bytes;
        } finally {
            filling.unlock();
        }
    }

    private boolean isFit(ValueIdentity identity) {
        int length = identity.version().length();
        return segments.length > 0 && length >= SHORTEST && length <= LONGEST;
    }

    private static int hash(ValueIdentity identity) {
        Version v = identity.version();
        return (v.crc() + 31 * (v.dataOffset() + 31 * v.dataFile())) * 0x9E3779B1;
    }

    private int place(int hash, int probe) {
        return ((hash >>> 7) + probe) & (entries.length() - 1);
    }

    /** Whether it was read lately; from now on it was. */
    private boolean isReadAgain(int hash) {
        int at = hash >>> 16;
        boolean again = reads[at] == hash;
        reads[at] = hash;
        return again;
    }

    private void take(ValueIdentity identity, ByteBuffer... value) {
        Segment segment = withRoom(identity.version().length());
        if (segment != null) {
            int hash = hash(identity);
            int at = place(hash, 0);
            for (int i = 0; i < PROBES; i++) {
                Entry entry = entries.get(place(hash, i));
                if (entry == null || entry.isStale()) {
                    at = place(hash, i);
                    break;
                }
            }
            entries.set(at, Entry.of(identity, segment, segment.put(value)));
        }
    }

    /** The current segment, or the next one that nobody reads, emptied; null when there is none. */
    private @Nullable Segment withRoom(int length) {
        Segment now = segments[current];
        if (now != null && now.bytes.remaining() >= length) {
            return now;
        }
        for (int i = 1; i <= segments.length; i++) {
            int at = (current + i) % segments.length;
            Segment next = segments[at];
            if (next == null) {
                next = allocate();
                segments[at] = next;
            }
            if (next != null && next.empty()) {
                current = at;
                return next;
            }
        }
        return null;
    }

    private static @Nullable Segment allocate() {
        try {
            return new Segment();
        } catch (OutOfMemoryError e) {
            LOG.debug("no more memory for values that are read again: {}", e.getMessage());
            return null;
        }
    }
}
