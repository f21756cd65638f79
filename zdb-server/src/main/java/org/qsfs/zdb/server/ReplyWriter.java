package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.Commit;
import org.qsfs.zdb.engine.WriteFailedException;

/**
 * Writes replies. They are collected and leave when the client is waited for, or the buffer is full; before that, the commits
 * of the writes that they answer are waited for. Used under the connection's reply lock.
 */
final class ReplyWriter {
    private static final int BUFFER_BYTES = 8 << 10;
    private static final byte[] LINE_END = {'\r', '\n'};

    private final GatheringByteChannel sink;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private @Nullable Commit commit;
    private long sent;

    ReplyWriter(GatheringByteChannel sink) {
        this.sink = sink;
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

    /** One bulk string from all parts; positions move to the limits. */
    void bulk(ByteBuffer... parts) throws IOException {
        int length = 0;
        for (ByteBuffer part : parts) {
            length += part.remaining();
        }
        line('$', Integer.toString(length));
        if (length <= buffer.remaining()) {
            for (ByteBuffer part : parts) {
                buffer.put(part);
            }
        } else {
            flush();
            send(parts);
        }
        put(LINE_END);
    }

    /** Sends what was collected, once the writes it answers are durable. */
    void flush() throws IOException {
        if (buffer.position() == 0) {
            return;
        }
        Commit waited = commit;
        if (waited != null) {
            commit = null;
            try {
                waited.await();
            } catch (WriteFailedException e) {
                // what was collected says that something is stored
                buffer.clear();
                throw e;
            }
        }
        buffer.flip();
        try {
            send(buffer);
        } finally {
            buffer.clear();
        }
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
                // a gathering write takes at most 16 parts here: more does not make it faster
                sent += write(parts, first, Math.min(16, parts.length - first));
            } else {
                first++;
            }
        }
    }
}
