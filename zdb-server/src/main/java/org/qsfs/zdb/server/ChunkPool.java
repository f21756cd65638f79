package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Memory for the values that are on their way from or to clients: chunks of 64 KiB outside the heap, a fixed number of them.
 *
 * <p>A value takes all its chunks at once, so that no two wait for each other. Chunks are allocated when first needed and
 * then kept. Who finds none waits until others are done, for a bounded time.
 */
final class ChunkPool {
    static final int CHUNK_BYTES = 64 << 10;

    private final int chunks;
    private final long waitMillis;
    private final Semaphore free;
    /** The one used last is taken first: it is in the processor's cache. */
    private final ConcurrentLinkedDeque<ByteBuffer> idle = new ConcurrentLinkedDeque<>();

    /**
     * @param bytes memory for all values together; at least one largest value fits
     * @param waitMillis longest wait for memory
     */
    ChunkPool(long bytes, long waitMillis) {
        this.chunks = (int) Math.max(chunks(RequestReader.MAX_ARGUMENT_BYTES), bytes / CHUNK_BYTES);
        this.waitMillis = waitMillis;
        this.free = new Semaphore(chunks, true);
    }

    /**
     * Chunks with room for exactly {@code bytes} together; the caller closes the lease.
     *
     * @throws NoMemoryException when there are none within the time
     */
    Lease take(int bytes) throws IOException {
        int count = chunks(bytes);
        try {
            if (!free.tryAcquire(count, waitMillis, TimeUnit.MILLISECONDS)) {
                throw new NoMemoryException(
                        "no memory for a value of %d bytes within %d ms: all %d chunks are in use by other requests"
                                .formatted(bytes, waitMillis, chunks));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for memory", e);
        }
        ByteBuffer[] parts = new ByteBuffer[count];
        int left = bytes;
        for (int i = 0; i < count; i++) {
            ByteBuffer chunk = idle.poll();
            if (chunk == null) {
                chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
            }
            parts[i] = chunk.clear().limit(Math.min(left, CHUNK_BYTES));
            left -= parts[i].limit();
        }
        return new Lease(parts);
    }

    /** Bytes that are in use. */
    long usedBytes() {
        return (long) (chunks - free.availablePermits()) * CHUNK_BYTES;
    }

    private static int chunks(int bytes) {
        return (bytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
    }

    /** Chunks that go back to the pool when closed. Used by one thread at a time. */
    final class Lease implements AutoCloseable {
        private final ByteBuffer[] parts;
        private boolean closed;

        private Lease(ByteBuffer[] parts) {
            this.parts = parts;
        }

        ByteBuffer[] parts() {
            return parts;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                for (ByteBuffer part : parts) {
                    idle.push(part);
                }
                free.release(parts.length);
            }
        }
    }
}
