package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.Namespace;

/** Memory for one value at a time: short ones on the heap, others in chunks that are given back when closed. */
final class ValueBuffers implements Namespace.Buffers, AutoCloseable {
    private static final int SHORT_BYTES = 16 << 10;

    private final ChunkPool pool;
    private ChunkPool.@Nullable Lease lease;

    ValueBuffers(ChunkPool pool) {
        this.pool = pool;
    }

    @Override
    public ByteBuffer[] of(int length) throws IOException {
        close();
        if (length <= SHORT_BYTES) {
            return new ByteBuffer[] {ByteBuffer.allocate(length)};
        }
        ChunkPool.Lease taken = pool.take(length);
        lease = taken;
        return taken.parts();
    }

    @Override
    public void close() {
        if (lease != null) {
            lease.close();
            lease = null;
        }
    }
}
