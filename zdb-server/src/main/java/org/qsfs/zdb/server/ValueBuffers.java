package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.Namespace;
import org.qsfs.zdb.engine.ValueIdentity;

/**
 * Memory for one value at a time: in the buffer of the replies where it fits, otherwise in chunks that are given back when
 * closed.
 */
final class ValueBuffers implements Namespace.Buffers, AutoCloseable {
    private static final int SHORT_BYTES = 16 << 10;

    private final ChunkPool pool;
    private final @Nullable ReplyWriter reply;
    private final @Nullable ValueCache cache;
    private ChunkPool.@Nullable Lease lease;
    private ValueCache.@Nullable Lease cached;
    private boolean inReply;

    ValueBuffers(ChunkPool pool) {
        this.pool = pool;
        this.reply = null;
        this.cache = null;
    }

    /**
     * For a value that is the next to be written to {@code reply}.
     *
     * @param cache where it may be; null when it must be read
     */
    ValueBuffers(ChunkPool pool, ReplyWriter reply, @Nullable ValueCache cache) {
        this.pool = pool;
        this.reply = reply;
        this.cache = cache;
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

    /** A short value is copied to where its reply is collected, a long one is sent from where it is. */
    @Override
    public ByteBuffer @Nullable [] known(ValueIdentity identity) throws IOException {
        ValueCache.Lease found = cache == null ? null : cache.find(identity);
        if (found == null) {
            return null;
        }
        close();
        cached = found;
        ByteBuffer value = found.value();
        ByteBuffer room = reply == null ? null : reply.room(value.remaining());
        inReply = room != null;
        if (room != null) {
            room.put(room.position(), value, 0, value.remaining());
        }
        return new ByteBuffer[] {room == null ? value : room};
    }

    @Override
    public void wasRead(ValueIdentity identity, ByteBuffer... value) {
        if (cache != null) {
            cache.wasRead(identity, value);
        }
    }

    @Override
    public void close() {
        if (lease != null) {
            lease.close();
            lease = null;
        }
        if (cached != null) {
            cached.close();
            cached = null;
        }
    }
}
