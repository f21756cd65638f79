package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.Commit;
import org.qsfs.zdb.engine.Namespace;
import org.qsfs.zdb.engine.WriteFailedException;

/**
 * Writes replies. They are collected and leave when the client is waited for, or the buffer is full; before that, the commits
 * of the writes that they answer are waited for. Used under the connection's reply lock.
 */
final class ReplyWriter {
    /** Before the first reply: room for reading a value together with its head. */
    private static final int START = Namespace.Buffers.ROOM_BYTES;

    /** Of one gathering write; more does not make it faster. */
    private static final int MOST_PARTS = 32;

    private static final byte[] LINE_END = {'\r', '\n'};

    private final GatheringByteChannel sink;
    private final ByteBuffer buffer;
    private @Nullable Commit commit;
    private long sent;

    /** @param buffer where replies are collected, longer than {@link Namespace.Buffers#ROOM_BYTES} */
    ReplyWriter(GatheringByteChannel sink, ByteBuffer buffer) {
        this.sink = sink;
        this.buffer = buffer.clear().position(START);
    }

    /** Bytes sent so far. */
    long sent() {
        return sent;
    }

    /** What is written from now on may not leave before this commit. */
    void after(Commit next) throws IOException {
        Commit before = commit;
        if (before != null && !before.store().equals(next.store())) {
            before.await();
        }
        commit = next;
    }

    void simple(String text) throws IOException {
        line('+', text);
    }

    void ok() throws IOException {
        simple("OK");
    }

    void error(String text) throws IOException {
        line('-', text);
    }

    void integer(long number) throws IOException {
        line(':', Long.toString(number));
    }

    void nil() throws IOException {
        line('$', "-1");
    }

    void array(int count) throws IOException {
        line('*', Integer.toString(count));
    }

    void bulk(byte[] bytes) throws IOException {
        bulk(ByteBuffer.wrap(bytes));
    }

    /** Text with one byte per character. */
    void bulk(String text) throws IOException {
        bulk(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Room for a value in the buffer, where {@link #bulkInRoom} takes it as it is; null when it is too long. */
    @Nullable
    ByteBuffer room(int length) throws IOException {
        int before = 3 + digits(length);
        int bytes = before + length + LINE_END.length;
        if (bytes > buffer.capacity() - START) {
            return null;
        }
        if (bytes > buffer.remaining()) {
            flush();
        }
        int at = buffer.position() + before;
        return buffer.duplicate().limit(at + length).position(at);
    }

    /** A bulk string that is already in its {@link #room}; nothing was written since that was given. */
    void bulkInRoom(ByteBuffer value) throws IOException {
        line('$', Integer.toString(value.remaining()));
        buffer.position(value.limit());
        put(LINE_END);
    }

    private static int digits(int number) {
        int digits = 1;
        for (int rest = number; rest > 9; rest /= 10) {
            digits++;
        }
        return digits;
    }

    /** One bulk string from all parts; positions move to the limits. */
    void bulk(ByteBuffer... parts) throws IOException {
        int length = 0;
        for (ByteBuffer part : parts) {
            length += part.remaining();
        }
        line('$', Integer.toString(length));
        if (length + LINE_END.length <= buffer.remaining()) {
            for (ByteBuffer part : parts) {
                buffer.put(part);
            }
            put(LINE_END);
        } else {
            ByteBuffer[] all = new ByteBuffer[parts.length + 2];
            all[0] = collected();
            System.arraycopy(parts, 0, all, 1, parts.length);
            all[parts.length + 1] = ByteBuffer.wrap(LINE_END);
            try {
                send(all);
            } finally {
                buffer.clear().position(START);
            }
        }
    }

    /** Sends what was collected, once the writes it answers are durable. */
    void flush() throws IOException {
        if (buffer.position() == START) {
            return;
        }
        ByteBuffer replies = collected();
        try {
            send(replies);
        } finally {
            buffer.clear().position(START);
        }
    }

    /** The buffer, ready to be sent: the writes that it answers are durable. */
    private ByteBuffer collected() throws IOException {
        Commit waited = commit;
        if (waited != null) {
            commit = null;
            try {
                waited.await();
            } catch (WriteFailedException e) {
                // what was collected says that something is stored
                buffer.clear().position(START);
                throw e;
            }
        }
        return buffer.limit(buffer.position()).position(START);
    }

    private void line(char kind, String text) throws IOException {
        byte[] bytes = (kind + text).getBytes(StandardCharsets.ISO_8859_1);
        put(bytes);
        put(LINE_END);
    }

    private void put(byte[] bytes) throws IOException {
        int from = 0;
        while (from < bytes.length) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int count = Math.min(bytes.length - from, buffer.remaining());
            buffer.put(bytes, from, count);
            from += count;
        }
    }

    private long write(ByteBuffer[] parts, int first, int count) throws ClientGoneException {
        try {
            return sink.write(parts, first, count);
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    private void send(ByteBuffer... parts) throws IOException {
        int first = 0;
        while (first < parts.length) {
            if (parts[first].hasRemaining()) {
                sent += write(parts, first, Math.min(MOST_PARTS, parts.length - first));
            } else {
                first++;
            }
        }
    }
}
