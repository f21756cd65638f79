package org.qsfs.zdb.client;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.PushConsumerChain;
import redis.clients.jedis.args.Rawable;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.util.RedisInputStream;

/**
 * Jedis' connection, made strict: it never reconnects, sends nothing on its own (no HELLO, no CLIENT SETINFO, which zdb does
 * not know) and bounds what it reads.
 *
 * <p>Not thread-safe, except {@link #close}.
 */
final class Wire extends Connection implements Closeable {

    private static final byte[] NUDGE = "*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.US_ASCII);

    private final ChannelSocket socket;
    private final ReplyReader reader = new ReplyReader();
    private int nudges;

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

    /** Queues a request; it is sent at the latest by {@link #receive}. The arguments are not copied. */
    void send(Command command, byte[]... arguments) {
        CommandArguments request = new CommandArguments(command);
        for (byte[] argument : arguments) {
            // of an array Jedis would make a copy
            request.add((Rawable) () -> argument);
        }
        sendCommand(request);
    }

    /** Sends what is queued and reads one reply. */
    Reply receive() {
        return (Reply) getOne();
    }

    Reply call(Command command, byte[]... arguments) {
        send(command, arguments);
        return receive();
    }

    /**
     * Reads the replies to so many requests that were sent together.
     *
     * <p>0-db may stop reading in the middle of a pipeline until more bytes arrive (ZDB.md, W10: whenever its 8 KiB buffer ends
     * exactly at a request). So when it is quiet for long it is nudged with a PING, whose answer comes after all others. One that
     * is merely slow gets a PING more, which does no harm.
     */
    List<Reply> receive(int count) {
        List<Reply> replies = new ArrayList<>(count);
        try {
            for (int i = 0; i < count; i++) {
                socket.whenQuietAgain(this::nudge);
                replies.add(receive());
            }
            while (nudges > 0) {
                socket.whenQuiet(this::nudge); // patiently, lest we nudge as fast as it answers nudges
                nudges--;
                if (!(receive() instanceof Reply.Simple(String text) && text.equals("PONG"))) {
                    throw new ReplyReader.Malformed("PING was not answered with PONG");
                }
            }
            socket.whenQuiet(null);
            return replies;
        } catch (IOException e) {
            throw new JedisConnectionException(e);
        }
    }

    private void nudge() {
        try {
            socket.sendAside(NUDGE);
            nudges++;
        } catch (IOException e) {
            throw new JedisConnectionException(e);
        }
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
