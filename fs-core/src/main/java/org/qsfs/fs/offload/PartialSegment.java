package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import org.qsfs.stor.segment.StripeLayout;

/**
 * A sparse copy of a segment's data file: the stripes that were fetched so far, and a bitmap that says which. Thread-safe; a stripe that two readers miss at once may be
 * written twice, with the same bytes.
 */
final class PartialSegment {
    private final Path file;
    private final FileChannel channel;
    private final StripeLayout layout;
    private final BitSet present = new BitSet();

    PartialSegment(Path file, StripeLayout layout) throws IOException {
        this.file = file;
        this.layout = layout;
        this.channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    Path file() {
        return file;
    }

    StripeLayout layout() {
        return layout;
    }

    synchronized boolean has(int stripe) {
        return present.get(stripe);
    }

    synchronized boolean isComplete() {
        return present.cardinality() == layout.stripes();
    }

    /** Bytes on disk. */
    synchronized long bytes() {
        return Math.min(layout.segmentLength(), (long) present.cardinality() * layout.stripeSize());
    }

    /** Fills {@code dst} from {@code offset}; only for bytes of stripes that are here. */
    void read(long offset, ByteBuffer dst) throws IOException {
        long at = offset;
        while (dst.hasRemaining()) {
            int count = channel.read(dst, at);
            if (count < 0) {
                throw new IOException("the cached copy " + file + " ends at byte " + at);
            }
            at += count;
        }
    }

    /** Keeps a stripe, whole. */
    void put(int stripe, ByteBuffer bytes) throws IOException {
        long at = layout.offset(stripe);
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
        synchronized (this) {
            present.set(stripe);
        }
    }

    /** Ends the use of the file and leaves it. Readers that are still in it get a ClosedChannelException. */
    void close() throws IOException {
        channel.close();
    }

    /** Ends the use of the file and deletes it. */
    void drop() throws IOException {
        channel.close();
        Files.deleteIfExists(file);
    }
}
