package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.Namespace;

/**
 * Memory for one value at a time: in the buffer of the replies where it fits, otherwise in chunks that are given back when
 * closed.
 */
final class ValueBuffers implements Namespace.Buffers, AutoCloseable {
    private static final int SHORT_BYTES = 16 << 10;

    private final ChunkPool pool;
    private final @Nullable ReplyWriter reply;
    private ChunkPool.@Nullable Lease lease;
    private boolean inReply;

    ValueBuffers(ChunkPool pool) {
        this.pool = pool;
        this.reply = null;
    }

    /** For a value that is the next to be written to {@code reply}. */
    ValueBuffers(ChunkPool pool, ReplyWriter reply) {
        this.pool = pool;
        this.reply = reply;
    }

    /** Whether the value is in the room that its reply gave. */
    boolean isInReply() {
        return inReply;
    }

    @Override
    public ByteBuffer[] of(int length) throws IOException {
        close();
        ByteBuffer room = reply == null ? null : reply.room(length);
        inReply = room != null;
        if (room != null) {
            return new ByteBuffer[] {room};
        }
        if (length <= SHORT_BYTES) {
            return new ByteBuffer[] {ByteBuffer.allocate(ROOM_BYTES + length).position(ROOM_BYTES)};
        }
        ChunkPool.Lease taken = pool.take(ROOM_BYTES + length);
        lease = taken;
        taken.parts()[0].position(ROOM_BYTES);
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
