package org.qsfs.fs.offload;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qsfs.stor.segment.SegmentId;
import org.qsfs.stor.segment.StripeLayout;

/**
 * Stripes of evicted segments that were fetched to be read, on the local disk: one sparse file per segment and a bitmap of the stripes in it. The bitmaps live in
 * memory only and the directory is emptied at start, since nothing here was ever fsynced; what is lost is fetched again.
 *
 * <p>When the last stripe of a segment arrives, the file is handed out as soon as somebody takes it, to become the data file of the segment. The least recently read segments are dropped when the
 * cache is over its capacity. Thread-safe; nothing is locked while a stripe is fetched.
 */
final class StripeCache implements Closeable {
    /** Where stripes come from. */
    interface Source {
        /** Fills {@code dst} with the bytes of a segment from {@code offset}. */
        void read(SegmentId segment, long offset, ByteBuffer dst) throws IOException;
    }

    /** Takes complete copies of segments. */
    interface Receiver {
        /** Whether it can take copies now; until then they stay in the cache. */
        boolean ready();

        /** Takes a copy; the file is the receiver's from now on. */
        void complete(SegmentId segment, Path file) throws IOException;
    }

    /** Of 4 MiB each with the default settings. */
    private static final int AT_ONCE = 16;

    private final Path directory;
    private final long capacity;
    private final BackendReads reads;
    private final Receiver receiver;
    /** Least recently read first. Guarded by itself. */
    private final Map<SegmentId, PartialSegment> segments = new LinkedHashMap<>(16, 0.75f, true);

    /** @param capacity bytes on disk that are kept, the segment read just now not counted */
    StripeCache(Path directory, long capacity, Source source, Receiver receiver) throws IOException {
        this.directory = directory;
        this.capacity = capacity;
        this.reads = new BackendReads(source, AT_ONCE);
        this.receiver = receiver;
        Files.createDirectories(directory);
        try (DirectoryStream<Path> old = Files.newDirectoryStream(directory)) {
            for (Path file : old) {
                Files.delete(file);
            }
        }
    }

    /**
     * Fills {@code dst} with the bytes of a segment from {@code offset}; fetches the stripes that are not here, no others.
     */
    void read(SegmentId id, StripeLayout layout, long offset, ByteBuffer dst) throws IOException {
        if (offset < 0 || offset + dst.remaining() > layout.segmentLength()) {
            throw new IOException("bytes %d to %d of segment %s were asked for; it has %d"
                    .formatted(offset, offset + dst.remaining(), id, layout.segmentLength()));
        }
        PartialSegment segment = opened(id, layout);
        long at = offset;
        boolean fetched = false;
        while (dst.hasRemaining()) {
            int before = dst.position();
            fetched |= readWithinStripe(id, segment, at, dst);
            at += dst.position() - before;
        }
        if (fetched) {
            if (segment.isComplete() && receiver.ready()) {
                handOut(id, segment);
            }
            makeRoom(id);
        }
    }

    /** Bytes on disk. */
    long bytes() {
        synchronized (segments) {
            return segments.values().stream().mapToLong(PartialSegment::bytes).sum();
        }
    }

    /** Drops everything. */
    void clear() throws IOException {
        synchronized (segments) {
            for (PartialSegment segment : segments.values()) {
                segment.drop();
            }
            segments.clear();
        }
    }

    @Override
    public void close() throws IOException {
        clear();
    }

    private PartialSegment opened(SegmentId id, StripeLayout layout) throws IOException {
        synchronized (segments) {
            @Nullable PartialSegment segment = segments.get(id);
            if (segment == null) {
                Path file =
                        directory.resolve("%s-%d-%d".formatted(id.namespace().word(), id.number(), id.epoch()));
                segment = new PartialSegment(file, layout);
                segments.put(id, segment);
            }
            return segment;
        }
    }

    /** Reads up to the end of the stripe; returns whether it had to be fetched. */
    private boolean readWithinStripe(SegmentId id, PartialSegment segment, long at, ByteBuffer dst) throws IOException {
        StripeLayout layout = segment.layout();
        int stripe = layout.stripeAt(at);
        int within = (int) (at - layout.offset(stripe));
        int count = Math.min(dst.remaining(), layout.length(stripe) - within);
        if (segment.has(stripe)) {
            ByteBuffer part = dst.slice(dst.position(), count);
            try {
                segment.read(at, part);
                dst.position(dst.position() + count);
                return false;
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (ClosedChannelException e) {
                // dropped, or become a data file, while we came; the stripe is fetched instead
            }
        }
        ByteBuffer whole = reads.read(id, layout.offset(stripe), layout.length(stripe));
        dst.put(whole.slice(within, count));
        try {
            segment.put(stripe, whole);
        } catch (ClosedChannelException e) {
            return false;
        }
        return true;
    }

    private void handOut(SegmentId id, PartialSegment segment) throws IOException {
        Path complete = segment.file().resolveSibling(segment.file().getFileName() + ".complete");
        synchronized (segments) {
            if (!segments.remove(id, segment)) {
                return;
            }
            segment.close();
            // away from the name that a new reader of the segment would begin again
            Files.move(segment.file(), complete, StandardCopyOption.REPLACE_EXISTING);
        }
        receiver.complete(id, complete);
    }

    private void makeRoom(SegmentId keep) throws IOException {
        synchronized (segments) {
            long bytes = bytes();
            Iterator<Map.Entry<SegmentId, PartialSegment>> oldest =
                    segments.entrySet().iterator();
            while (bytes > capacity && oldest.hasNext()) {
                Map.Entry<SegmentId, PartialSegment> entry = oldest.next();
                if (!entry.getKey().equals(keep)) {
                    bytes -= entry.getValue().bytes();
                    oldest.remove();
                    entry.getValue().drop();
                }
            }
        }
    }
}
