package org.qsfs.zdb.server;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.qsfs.zdb.engine.WriteFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client. Its thread reads requests and answers them in order; another thread may {@link #push} a reply in between (WAIT).
 * Replies leave when the thread is about to wait for the client: those of a pipeline together.
 */
final class Connection implements Runnable {
    /** Writes replies under the reply lock. */
    interface Push {
        void write(ReplyWriter reply) throws IOException;
    }

    /** Memory that a connection keeps as long as it lives. */
    record Buffers(ByteBuffer requests, ByteBuffer replies) {
        private static final int LARGE_BYTES = 64 << 10;
        private static final int SMALL_BYTES = 8 << 10;

        /** What the system reads and writes without a copy. */
        static Buffers large() {
            return new Buffers(ByteBuffer.allocateDirect(LARGE_BYTES), ByteBuffer.allocateDirect(LARGE_BYTES));
        }

        static Buffers small() {
            return new Buffers(ByteBuffer.allocate(SMALL_BYTES), ByteBuffer.allocate(SMALL_BYTES));
        }
    }

    /** What the thread is doing, for the limits on time. */
    private enum Doing {
        /** Waiting for the next request. */
        IDLE,
        /** Waiting for the rest of a request. */
        RECEIVING,
        WORKING,
        /** Sending, which waits when the client does not read. */
        SENDING
    }

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final String REMOVED = "Your active namespace is not available anymore (probably removed).";

    private final SocketChannel channel;
    private final Commands commands;
    private final Session session;
    private final ServerStatistics statistics;
    private final Closeable plain;
    private final @Nullable InputStream arrivals;
    private final RequestReader reader;
    private final ReplyWriter reply;
    private final ReentrantLock replyLock = new ReentrantLock();

    private volatile Doing doing = Doing.IDLE;
    private volatile long since = System.nanoTime();
    private volatile boolean stopping;
    /** Guarded by the reply lock. */
    private boolean ended;

    private long countedReceived;
    private long countedSent;

    /**
     * @param channel closing it ends everything at once
     * @param plain what requests are read from and replies are written to: the channel itself, or what TLS makes of it
     * @param arrivals says how many bytes of {@code plain} have arrived; null where nothing does
     * @param buffers for requests and for replies
     */
    <C extends ReadableByteChannel & GatheringByteChannel> Connection(
            SocketChannel channel,
            C plain,
            @Nullable InputStream arrivals,
            Commands commands,
            Session session,
            ChunkPool pool,
            ServerStatistics statistics,
            Buffers buffers) {
        this.channel = channel;
        this.plain = plain;
        this.commands = commands;
        this.session = session;
        this.statistics = statistics;
        this.arrivals = arrivals;
        this.reader = new RequestReader(plain, pool, this::beforeReceiving, buffers.requests());
        this.reply = new ReplyWriter(plain, buffers.replies());
    }

    @Override
    public void run() {
        try (channel;
                plain) {
            serve();
        } catch (IOException e) {
            LOG.debug("connection closed: {}", e.toString());
        } finally {
            count();
            end();
        }
    }

    /** From now on nobody touches the buffers, which others get. */
    private void end() {
        replyLock.lock();
        try {
            ended = true;
        } finally {
            replyLock.unlock();
        }
    }

    private void serve() {
        try {
            boolean more = true;
            while (more && !stopping) {
                more = serveOne();
            }
            flush();
        } catch (ProtocolException e) {
            lastWords(e.reply());
        } catch (WriteFailedException e) {
            lastWords("Cannot write data right now");
        } catch (ClientGoneException e) {
            // closed by the client, the limits on time, or a stop
            LOG.debug("connection closed: {}", e.toString());
        } catch (NoMemoryException e) {
            LOG.warn("a connection is closed: {}", e.getMessage());
        } catch (IOException | RuntimeException e) {
            LOG.error("a request failed unexpectedly; its connection is closed", e);
            lastWords("Internal Error");
        }
    }

    /** Reads and answers one request; false when the client has closed or must be. */
    private boolean serveOne() throws IOException {
        try (Request request = reader.next()) {
            if (request == null) {
                return false;
            }
            now(Doing.WORKING);
            replyLock.lock();
            try {
                if (session.namespace().isRemoved()) {
                    reply.error(REMOVED);
                    return false;
                }
                commands.run(new Call(this, session, request, reply));
                return true;
            } finally {
                replyLock.unlock();
            }
        }
    }

    /** Sends a reply from another thread; a connection that is gone takes none. */
    void push(Push push) {
        replyLock.lock();
        try {
            if (!ended) {
                push.write(reply);
                reply.flush();
            }
        } catch (IOException e) {
            LOG.debug("connection closed: {}", e.toString());
        } finally {
            replyLock.unlock();
        }
    }

    private void beforeReceiving(boolean insideRequest, boolean moreLikely) throws IOException {
        if (!moreLikely || !isMoreHere()) {
            flush();
        }
        // who has never sent anything may not have ended the handshake of TLS
        boolean beginning = plain instanceof TlsChannel && reader.received() == 0;
        now(insideRequest || beginning ? Doing.RECEIVING : Doing.IDLE);
    }

    /** Whether the client's next bytes have arrived; false when that cannot be known. */
    private boolean isMoreHere() throws IOException {
        return arrivals != null && arrivals.available() > 0;
    }

    private void flush() throws IOException {
        replyLock.lock();
        try {
            now(Doing.SENDING);
            reply.flush();
        } finally {
            replyLock.unlock();
        }
        count();
    }

    private void count() {
        statistics.receivedBytes.add(reader.received() - countedReceived);
        statistics.sentBytes.add(reply.sent() - countedSent);
        countedReceived = reader.received();
        countedSent = reply.sent();
    }

    private void now(Doing what) {
        doing = what;
        since = System.nanoTime();
    }

    private void lastWords(String error) {
        replyLock.lock();
        try {
            reply.error(error);
            reply.flush();
        } catch (IOException e) {
            LOG.debug("connection closed: {}", e.toString());
        } finally {
            replyLock.unlock();
        }
    }

    /** Whether the client takes longer than it may. */
    boolean isOverdue(long idleNanos, long stuckNanos) {
        long waited = System.nanoTime() - since;
        return switch (doing) {
            case IDLE -> idleNanos > 0 && waited > idleNanos;
            case RECEIVING, SENDING -> waited > stuckNanos;
            case WORKING -> false;
        };
    }

    /** Ends after the request under way; one that only waits for its client ends at once. */
    void stop() throws IOException {
        stopping = true;
        if (doing == Doing.IDLE || doing == Doing.RECEIVING) {
            channel.close();
        }
    }

    void close() throws IOException {
        channel.close();
    }
}
