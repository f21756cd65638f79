package org.qsfs.zdb.server;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts connections at one address, on a thread of its own. */
final class Listener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final int BACKLOG = 1024;

    private final ServerSocketChannel server;
    private final boolean tcp;

    private Listener(ServerSocketChannel server, boolean tcp) {
        this.server = server;
        this.tcp = tcp;
    }

    /** Listens; {@code accepted} is called for each connection and must not block. */
    static Listener start(SocketAddress address, Consumer<SocketChannel> accepted) throws IOException {
        boolean tcp = !(address instanceof UnixDomainSocketAddress);
        ServerSocketChannel server =
                tcp ? ServerSocketChannel.open() : ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            if (tcp) {
                server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            }
            server.bind(address, BACKLOG);
        } catch (IOException e) {
            server.close();
            throw new IOException("cannot listen at " + address + ": " + e.getMessage(), e);
        }
        Listener listener = new Listener(server, tcp);
        Thread.ofVirtual().name("zdb-accept").start(() -> listener.accept(accepted));
        return listener;
    }

    SocketAddress address() throws IOException {
        return server.getLocalAddress();
    }

    private void accept(Consumer<SocketChannel> accepted) {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                if (tcp) {
                    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                }
                accepted.accept(channel);
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("a connection could not be accepted: {}", e.getMessage());
                pause();
            }
        }
    }

    /** Out of file descriptors, most likely: others have to close theirs first. */
    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
