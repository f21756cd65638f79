package org.qsfs.zdb.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.format.ZdbCrc;

/**
 * Reads requests: arrays of bulk strings, split and pipelined in any way.
 *
 * <p>Bounds: 1 to 1024 arguments; an argument has at most 8 MiB; one argument may be longer than 16 KiB (it is read straight into
 * chunks of the pool), the others together have at most 512 KiB. What is not a request is a {@link ProtocolException} with 0-db's
 * text; nothing more can be read after it.
 */
final class RequestReader {
    static final int MAX_ARGUMENTS = 1024;
    static final int MAX_ARGUMENT_BYTES = 8 << 20;

    private static final int LONGEST_LINE = 8 << 10;
    /** More than this that is missing of a value is received into it, less into the buffer together with what follows. */
    private static final int DIRECT_BYTES = 8 << 10;

    private static final int LONGEST_NUMBER = 9;
    private static final int LONG_ARGUMENT_BYTES = 16 << 10;
    private static final int MAX_SHORT_BYTES = 512 << 10;

    /** Called before the reader asks the client for more. */
    interface BeforeReceiving {
        /**
         * @param insideRequest whether a part of a request was received
         * @param moreLikely whether the client had sent all that was asked for last time, so more may be here already
         */
        void run(boolean insideRequest, boolean moreLikely) throws IOException;
    }

    private final ReadableByteChannel source;
    private final ChunkPool pool;
    private final BeforeReceiving beforeReceiving;
    private final ByteBuffer buffer;
    private long received;
    private boolean insideRequest;
    private boolean filled;

    /** @param buffer for what was received; requests that lie in it whole are not copied */
    RequestReader(ReadableByteChannel source, ChunkPool pool, BeforeReceiving beforeReceiving, ByteBuffer buffer) {
        this.source = source;
        this.pool = pool;
        this.beforeReceiving = beforeReceiving;
        this.buffer = buffer.clear().flip();
    }

    /** Bytes received so far. */
    long received() {
        return received;
    }

    /** The next request; null when the client has closed, also in the middle of one. The caller closes it before the next. */
    @Nullable
    Request next() throws IOException {
        insideRequest = false;
        if (!buffer.hasRemaining() && !receive()) {
            return null;
        }
        Request whole = wholeRequest();
        return whole == null ? requestInParts() : whole;
    }

    /** The next request, in the buffer itself; null when it is not there whole, or anything about it is unusual. */
    private @Nullable Request wholeRequest() {
        int start = buffer.position();
        int count = number('*');
        if (count < 1 || count > MAX_ARGUMENTS) {
            buffer.position(start);
            return null;
        }
        List<ByteBuffer[]> arguments = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int length = number('$');
            int at = buffer.position();
            if (length < 0
                    || length > buffer.remaining() - 2
                    || buffer.get(at + length) != '\r'
                    || buffer.get(at + length + 1) != '\n') {
                buffer.position(start);
                return null;
            }
            arguments.add(new ByteBuffer[] {buffer.slice(at, length)});
            buffer.position(at + length + 2);
        }
        return new Request(arguments);
    }

    /** A whole line of this kind with a plain number; -1 when there is none in the buffer. */
    private int number(char kind) {
        int at = buffer.position();
        int end = Math.min(buffer.limit() - 1, at + 1 + LONGEST_NUMBER);
        if (at >= end || buffer.get(at) != kind) {
            return -1;
        }
        int number = 0;
        for (int i = at + 1; i < end; i++) {
            int b = buffer.get(i);
            if (b >= '0' && b <= '9') {
                number = 10 * number + b - '0';
            } else if (b == '\r' && i > at + 1 && buffer.get(i + 1) == '\n') {
                buffer.position(i + 2);
                return number;
            } else {
                return -1;
            }
        }
        return -1;
    }

    private @Nullable Request requestInParts() throws IOException {
        String head = line('*', "Malformed request, array expected");
        if (head == null) {
            return null;
        }
        insideRequest = true;
        long count = leadingNumber(head);
        if (count == 0) {
            throw new ProtocolException("Missing arguments");
        }
        if (count < 0) {
            throw new ProtocolException("Internal memory error");
        }
        if (count > MAX_ARGUMENTS) {
            throw new ProtocolException("Too many arguments");
        }
        return arguments((int) count);
    }

    private @Nullable Request arguments(int count) throws IOException {
        List<ByteBuffer[]> arguments = new ArrayList<>(Math.min(count, 16));
        ChunkPool.Lease lease = null;
        boolean complete = false;
        ZdbCrc leasedChecksum = new ZdbCrc();
        int shortBytes = 0;
        try {
            for (int i = 0; i < count; i++) {
                int length = argumentLength();
                if (length < 0) {
                    return null;
                }
                ByteBuffer[] parts;
                ZdbCrc checksum = null;
                if (length <= LONG_ARGUMENT_BYTES || lease != null) {
                    shortBytes += length;
                    if (shortBytes > MAX_SHORT_BYTES) {
                        throw new ProtocolException("Payload too big");
                    }
                    parts = new ByteBuffer[] {ByteBuffer.allocate(length)};
                } else {
                    lease = pool.take(length);
                    parts = lease.parts();
                    checksum = leasedChecksum;
                }
                if (!fill(parts, checksum) || !lineEnd()) {
                    return null;
                }
                arguments.add(parts);
            }
            complete = true;
            return new Request(arguments, lease, leasedChecksum.value());
        } finally {
            if (!complete && lease != null) {
                lease.close();
            }
        }
    }

    /** Length of the next argument, -1 at the end of the input. */
    private int argumentLength() throws IOException {
        String head = line('$', "Malformed query string");
        if (head == null) {
            return -1;
        }
        if (head.isEmpty() || !head.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '-')) {
            throw new ProtocolException("Malformed query string");
        }
        long length = leadingNumber(head);
        if (length < 0) {
            throw new ProtocolException("Internal memory error");
        }
        if (length > MAX_ARGUMENT_BYTES) {
            throw new ProtocolException("Payload too big");
        }
        return (int) length;
    }

    /** The rest of a line that begins with {@code first}, without its end; null at the end of the input. */
    private @Nullable String line(char first, String complaint) throws IOException {
        StringBuilder text = new StringBuilder();
        boolean wrong = false;
        for (int at = 0; ; at++) {
            if (!buffer.hasRemaining() && !receive()) {
                return null;
            }
            int b = buffer.get() & 0xff;
            if (b == '\n') {
                break;
            }
            // 0-db looks at a line when it is complete, so a wrong beginning is answered at its end
            wrong |= at == 0 && b != first;
            if (at > 0 && text.length() < 32) {
                text.append((char) b);
            }
            if (at == LONGEST_LINE) {
                throw new ProtocolException(complaint);
            }
        }
        if (wrong || text.length() >= 32) {
            throw new ProtocolException(complaint);
        }
        int end = text.length();
        return end > 0 && text.charAt(end - 1) == '\r' ? text.substring(0, end - 1) : text.toString();
    }

    /** Like C's atoi, clamped. */
    private static long leadingNumber(String text) {
        int at = text.startsWith("-") ? 1 : 0;
        long number = 0;
        for (; at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9'; at++) {
            number = Math.min(Integer.MAX_VALUE, 10 * number + text.charAt(at) - '0');
        }
        return text.startsWith("-") ? -number : number;
    }

    /** Fills the parts and flips them, adding each to a checksum while it is in the processor's cache; false at the end of the input. */
    private boolean fill(ByteBuffer[] parts, @Nullable ZdbCrc checksum) throws IOException {
        for (ByteBuffer part : parts) {
            while (part.hasRemaining()) {
                if (buffer.hasRemaining()) {
                    int count = Math.min(buffer.remaining(), part.remaining());
                    part.put(part.position(), buffer, buffer.position(), count);
                    part.position(part.position() + count);
                    buffer.position(buffer.position() + count);
                } else if (part.remaining() < DIRECT_BYTES) {
                    if (!receive()) {
                        return false;
                    }
                } else if (!receive(part)) {
                    return false;
                }
            }
            part.flip();
            if (checksum != null) {
                checksum.update(part);
            }
        }
        return true;
    }

    /** Takes the CR LF behind an argument; false at the end of the input. */
    private boolean lineEnd() throws IOException {
        for (char expected : new char[] {'\r', '\n'}) {
            if (!buffer.hasRemaining() && !receive()) {
                return false;
            }
            if (buffer.get() != expected) {
                throw new ProtocolException("Malformed query string");
            }
        }
        return true;
    }

    private boolean receive() throws IOException {
        buffer.clear();
        boolean more = receive(buffer);
        buffer.flip();
        return more;
    }

    private boolean receive(ByteBuffer into) throws IOException {
        beforeReceiving.run(insideRequest, filled);
        int n;
        try {
            n = source.read(into);
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
        received += Math.max(0, n);
        filled = !into.hasRemaining();
        return n > 0;
    }
}
