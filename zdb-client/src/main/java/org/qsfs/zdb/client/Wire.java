package org.qsfs.zdb.client;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import redis.clients.jedis.Connection;
import redis.clients.jedis.PushConsumerChain;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.util.RedisInputStream;

/**
 * Jedis' connection, made strict: it never reconnects, sends nothing on its own (no HELLO, no CLIENT SETINFO, which zdb does
 * not know) and bounds what it reads.
 *
 * <p>Not thread-safe, except {@link #close}.
 */
final class Wire extends Connection implements Closeable {

    private final ChannelSocket socket;
    private final ReplyReader reader = new ReplyReader();

    Wire(ChannelSocket socket) {
        this(socket, new AtomicReference<>(socket));
    }

    private Wire(ChannelSocket socket, AtomicReference<ChannelSocket> once) {
        super(() -> {
            ChannelSocket first = once.getAndSet(null);
            if (first == null) {
                throw new JedisConnectionException("the connection is closed");
            }
            return first;
        });
        this.socket = socket;
    }

    /** Queues a request; it is sent at the latest by {@link #receive}. */
    void send(Command command, byte[]... arguments) {
        sendCommand(command, arguments);
    }

    /** Sends what is queued and reads one reply. */
    Reply receive() {
        return (Reply) getOne();
    }

    Reply call(Command command, byte[]... arguments) {
        send(command, arguments);
        return receive();
    }

    /** Whether the server sent bytes after the last reply that was expected. */
    boolean hasSurplus() {
        return socket.received() != reader.consumed();
    }

    /** Whether the connection may serve another call. */
    boolean fit() {
        return !isBroken() && !hasSurplus() && socket.quiet();
    }

    @Override
    protected Object protocolRead(RedisInputStream in, PushConsumerChain pushes) {
        return reader.read(in);
    }

    /** Drops the connection without flushing; may be called from any thread and ends a blocked call. */
    @Override
    public void close() {
        setBroken();
        try {
            socket.close();
        } catch (IOException e) {
            // gone either way
        }
    }
}
