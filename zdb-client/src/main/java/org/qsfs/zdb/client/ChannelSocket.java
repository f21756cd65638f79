package org.qsfs.zdb.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLSocket;
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

    private static final int LONG_WAIT_MILLIS = 500;
    private static final int SHORT_WAIT_MILLIS = 5;
    private static final int LONGEST_WAIT_MILLIS = 8000;

    /** Longest wait for bytes that should not come, with TLS, where a socket cannot be asked without waiting. */
    private static final int PROBE_MILLIS = 1;

    /** A connection with TLS that was used within this time is not asked. */
    private static final long FRESH_NANOS = 200_000_000;

    private final SocketChannel channel;
    /** Where the plain bytes are: the channel's own socket, or one with TLS around it. */
    private final Socket plain;

    private long lastRead = System.nanoTime();
    private @Nullable Runnable whenQuiet;
    private boolean actionHelps;
    private int waitMillis;
    private long received;
    private boolean writeFailed;

    ChannelSocket(SocketChannel channel) {
        this(channel, channel.socket());
    }

    /** @param plain around the channel's socket; closing the channel ends both */
    ChannelSocket(SocketChannel channel, Socket plain) {
        this.channel = channel;
        this.plain = plain;
    }

    /** Bytes handed to the reader so far. */
    long received() {
        return received;
    }

    /** Has something done whenever a read has waited for long; null = nothing. The wait doubles while nothing comes. */
    void whenQuiet(@Nullable Runnable action) throws IOException {
        whenQuiet = action;
        waitFor(action == null ? 0 : LONG_WAIT_MILLIS);
    }

    /** The same, but the first wait is short if the action has helped before: then the peer is one that needs it. */
    void whenQuietAgain(Runnable action) throws IOException {
        whenQuiet = action;
        waitFor(actionHelps ? SHORT_WAIT_MILLIS : LONG_WAIT_MILLIS);
    }

    /** Whether the peer is silent and has not hung up. Between calls it must be: anything it says then is nonsense. */
    boolean quiet() {
        if (plain instanceof SSLSocket) {
            return System.nanoTime() - lastRead < FRESH_NANOS || silentForMoment();
        }
        try {
            channel.configureBlocking(false);
            int n = channel.read(ByteBuffer.allocate(1));
            channel.configureBlocking(true);
            return n == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean silentForMoment() {
        try {
            plain.setSoTimeout(PROBE_MILLIS);
            plain.getInputStream().read();
            return false;
        } catch (SocketTimeoutException e) {
            return restored();
        } catch (IOException e) {
            return false;
        }
    }

    private boolean restored() {
        try {
            plain.setSoTimeout(0);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        InputStream in = plain.getInputStream();
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
                lastRead = System.nanoTime();
                return n;
            }

            private int patientRead(byte[] bytes, int offset, int length) throws IOException {
                boolean acted = false;
                while (true) {
                    try {
                        int n = in.read(bytes, offset, length);
                        actionHelps |= acted;
                        return n;
                    } catch (SocketTimeoutException e) {
                        Runnable action = whenQuiet;
                        if (action == null) {
                            throw e;
                        }
                        action.run();
                        acted = true;
                        waitFor(2 * waitMillis);
                    }
                }
            }
        };
    }

    private void waitFor(int millis) throws IOException {
        waitMillis = Math.min(millis, LONGEST_WAIT_MILLIS);
        plain.setSoTimeout(waitMillis);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        OutputStream out = plain.getOutputStream();
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
        plain.getOutputStream().write(bytes);
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
