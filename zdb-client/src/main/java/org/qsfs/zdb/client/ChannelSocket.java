package org.qsfs.zdb.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connected socket channel in the shape that Jedis wants. A channel, because an interrupt ends its blocking calls, and
 * because it can be asked without blocking whether the peer has hung up.
 *
 * <p>Used by one thread at a time, handed on by the pool's lock; only {@link #close} may come from any thread.
 */
final class ChannelSocket extends Socket {

    /** The JDK copies every write into a direct buffer of the write's size and keeps it per thread, so writes are sliced. */
    private static final int SLICE = 64 * 1024;

    private final SocketChannel channel;
    private @Nullable Runnable whenQuiet;
    private long received;
    private boolean writeFailed;

    ChannelSocket(SocketChannel channel) {
        this.channel = channel;
    }

    /** Bytes handed to the reader so far. */
    long received() {
        return received;
    }

    /** Has something done whenever a read has waited for so long; null = nothing. */
    void whenQuiet(Duration wait, @Nullable Runnable action) throws IOException {
        channel.socket().setSoTimeout(action == null ? 0 : (int) wait.toMillis());
        whenQuiet = action;
    }

    /** Whether the peer is silent and has not hung up. Between calls it must be: anything it says then is nonsense. */
    boolean quiet() {
        try {
            channel.configureBlocking(false);
            int n = channel.read(ByteBuffer.allocate(1));
            channel.configureBlocking(true);
            return n == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        InputStream in = channel.socket().getInputStream();
        return new InputStream() {
            @Override
            public int read() {
                throw new UnsupportedOperationException("Jedis reads blocks");
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                // after a failed write Jedis would look for an error line of any length
                int n = writeFailed ? -1 : patientRead(bytes, offset, length);
                received += Math.max(n, 0);
                return n;
            }

            private int patientRead(byte[] bytes, int offset, int length) throws IOException {
                while (true) {
                    try {
                        return in.read(bytes, offset, length);
                    } catch (SocketTimeoutException e) {
                        Runnable action = whenQuiet;
                        if (action == null) {
                            throw e;
                        }
                        action.run();
                    }
                }
            }
        };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        OutputStream out = channel.socket().getOutputStream();
        return new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException("Jedis writes blocks");
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    for (int at = 0; at < length; at += SLICE) {
                        out.write(bytes, offset + at, Math.min(SLICE, length - at));
                    }
                } catch (IOException e) {
                    writeFailed = true;
                    throw e;
                }
            }
        };
    }

    /** Sends bytes past Jedis' buffer, which must be empty. */
    void sendAside(byte[] bytes) throws IOException {
        channel.socket().getOutputStream().write(bytes);
    }

    @Override
    public int getSoTimeout() {
        return 0;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isBound() {
        return true;
    }

    @Override
    public boolean isInputShutdown() {
        return false;
    }

    @Override
    public boolean isOutputShutdown() {
        return false;
    }
}
