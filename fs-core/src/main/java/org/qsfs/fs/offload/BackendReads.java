package org.qsfs.fs.offload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import org.qsfs.fs.Interruption;
import org.qsfs.stor.segment.SegmentId;

/**
 * Reads stripes from the backends, on threads of their own, so that a reader who is interrupted leaves at once; the read goes on by itself, and whoever asks next finds the
 * stripe in the engine's memory. So many are read at once as there is memory for, those that nobody waits for any more included. Thread-safe.
 */
final class BackendReads {
    private static final Duration POLL = Duration.ofMillis(10);

    private final StripeCache.Source source;
    private final Semaphore places;

    /** @param atOnce stripes that are read at the same time */
    BackendReads(StripeCache.Source source, int atOnce) {
        this.source = source;
        this.places = new Semaphore(atOnce);
    }

    /**
     * Reads {@code length} bytes of a segment from {@code offset}.
     *
     * @throws org.qsfs.fs.FsException EINTR
     */
    ByteBuffer read(SegmentId segment, long offset, int length) throws IOException {
        while (!places.tryAcquire()) {
            Interruption.park(this, POLL.toNanos());
        }
        CompletableFuture<ByteBuffer> done = new CompletableFuture<>();
        Thread.ofVirtual().name("backend-read").start(() -> {
            try {
                ByteBuffer stripe = ByteBuffer.allocate(length);
                source.read(segment, offset, stripe);
                done.complete(stripe.flip());
            } catch (IOException | RuntimeException | Error e) {
                done.completeExceptionally(e);
            } finally {
                places.release();
            }
        });
        try {
            return Interruption.await(done);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
    }
}
