package org.qsfs.cli.admin;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Lines of UTF-8 over a socket, with a deadline on every wait. Reads from one thread, writes from any. */
final class LineChannel implements AutoCloseable {
    /** A longer line is nonsense: the largest is a `status` with hundreds of backends. */
    private static final int LONGEST_LINE = 4 << 20;

    private final SocketChannel channel;
    private final Selector readable;
    private final Selector writable;
    private final ByteBuffer input = ByteBuffer.allocate(8192).limit(0);

    LineChannel(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        readable = channel.provider().openSelector();
        writable = channel.provider().openSelector();
        channel.register(readable, SelectionKey.OP_READ);
        channel.register(writable, SelectionKey.OP_WRITE);
    }

    /**
     * The next line without its end.
     *
     * @throws EOFException when the other side closed before a whole line
     * @throws SocketTimeoutException when no whole line came in time
     */
    String read(Duration timeout) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            while (input.hasRemaining()) {
                byte next = input.get();
                if (next == '\n') {
                    return line.toString(StandardCharsets.UTF_8);
                }
                if (line.size() == LONGEST_LINE) {
                    throw new IOException("found a line longer than " + LONGEST_LINE + " bytes");
                }
                line.write(next);
            }
            input.clear();
            int count = channel.read(input);
            input.flip();
            if (count < 0) {
                throw new EOFException("the other side closed the connection");
            }
            if (count == 0) {
                await(readable, deadline);
            }
        }
    }

    synchronized void write(String line, Duration timeout) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                await(writable, deadline);
            }
        }
    }

    private static void await(Selector selector, long deadline) throws IOException {
        long milliseconds = (deadline - System.nanoTime()) / 1_000_000;
        if (milliseconds <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        selector.select(milliseconds);
        selector.selectedKeys().clear();
    }

    @Override
    public void close() throws IOException {
        readable.close();
        writable.close();
        channel.close();
    }
}
