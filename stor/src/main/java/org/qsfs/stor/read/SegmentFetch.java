package org.qsfs.stor.read;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.qsfs.stor.segment.SegmentRecord;
import org.qsfs.stor.segment.Sha256;
import org.qsfs.stor.segment.StorException;

/**
 * Fetches whole segments to files. A file appears under its name only when it is complete, right and on disk.
 *
 * <p>Thread-safe; two fetches to the same file must not overlap.
 */
public final class SegmentFetch {
    private static final int WINDOW = 3;

    private final SegmentReader reader;

    public SegmentFetch(SegmentReader reader) {
        this.reader = reader;
    }

    /** Fetches a segment to {@code target}; {@code target} with the suffix {@code .fetching} is used meanwhile. */
    public void fetch(SegmentRecord record, Path target) throws IOException {
        Path partial = target.resolveSibling(target.getFileName() + ".fetching");
        boolean complete = false;
        try {
            try (FileChannel out = FileChannel.open(
                    partial,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                Sha256 found = write(record, out);
                if (record.sha256().isPresent() && !record.sha256().get().equals(found)) {
                    throw new StorException.Damaged("segment " + record.id() + " was read whole, but its SHA-256 is "
                            + found + ", its record says " + record.sha256().get());
                }
                out.force(true);
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncDirectory(target.toAbsolutePath().resolveSibling("."));
            complete = true;
        } finally {
            if (!complete) {
                Files.deleteIfExists(partial);
            }
        }
    }

    private Sha256 write(SegmentRecord record, FileChannel out) throws IOException {
        MessageDigest hasher = Sha256.hasher();
        int stripes = record.layout().stripes();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            Deque<Future<byte[]>> window = new ArrayDeque<>();
            int next = 0;
            for (int stripe = 0; stripe < stripes; stripe++) {
                while (next < stripes && window.size() < WINDOW) {
                    int loaded = next++;
                    window.add(threads.submit(() -> reader.load(record, loaded)));
                }
                byte[] plain = result(window.remove());
                hasher.update(plain);
                ByteBuffer bytes = ByteBuffer.wrap(plain);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            }
            return Sha256.of(hasher.digest());
        } finally {
            threads.shutdownNow();
        }
    }

    private static byte[] result(Future<byte[]> load) throws IOException {
        try {
            return load.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException cause ? cause : new IOException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("fetching a segment was interrupted");
        }
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
