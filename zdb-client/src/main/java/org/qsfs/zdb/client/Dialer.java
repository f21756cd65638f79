package org.qsfs.zdb.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Opens TCP connections: resolves the name, tries each of its addresses, makes the handshake of TLS where it is wanted, all
 * before a deadline. Thread-safe.
 */
final class Dialer {

    private final ZdbAddress address;
    private final @Nullable ZdbTls tls;
    private final Watchdog watchdog;
    private volatile @Nullable SSLSocketFactory sockets;

    /** @param tls null = plain TCP */
    Dialer(ZdbAddress address, @Nullable ZdbTls tls, Watchdog watchdog) {
        this.address = address;
        this.tls = tls;
        this.watchdog = watchdog;
    }

    /** @throws JedisConnectionException when there is no connection at the deadline */
    Wire dial(long deadline) {
        InetAddress[] candidates = resolve(deadline);
        JedisConnectionException failure = new JedisConnectionException("the name has no address");
        for (int i = 0; i < candidates.length; i++) {
            long now = System.nanoTime();
            try {
                return connect(candidates[i], now + (deadline - now) / (candidates.length - i));
            } catch (IOException e) {
                failure = new JedisConnectionException(e);
                if (Thread.currentThread().isInterrupted()) {
                    break;
                }
            }
        }
        throw failure;
    }

    private Wire connect(InetAddress to, long deadline) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try (Watchdog.Guard _ = watchdog.guard(deadline, channel)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            channel.connect(new InetSocketAddress(to, address.port()));
            return new Wire(
                    tls == null ? new ChannelSocket(channel) : new ChannelSocket(channel, secured(channel, tls)));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The client's side of TLS; the server has shown a certificate for its name. */
    private SSLSocket secured(SocketChannel channel, ZdbTls with) throws IOException {
        SSLSocketFactory factory = sockets;
        if (factory == null) {
            // read when first needed, so that a file that is missing is the trouble of a call and not of a start
            factory = with.sockets();
            sockets = factory;
        }
        SSLSocket socket = (SSLSocket) factory.createSocket(channel.socket(), address.host(), address.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
        } catch (SSLException e) {
            throw new IOException("TLS: " + e.getMessage(), e);
        }
        return socket;
    }

    /** The resolver of the operating system has no deadline, so it gets a thread that can be left behind. */
    private InetAddress[] resolve(long deadline) {
        FutureTask<InetAddress[]> lookup = new FutureTask<>(() -> InetAddress.getAllByName(address.host()));
        Thread.ofVirtual().name("resolve " + address.host()).start(lookup);
        try {
            InetAddress[] found = lookup.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            return Arrays.copyOf(found, Math.min(found.length, 8));
        } catch (TimeoutException e) {
            throw new JedisConnectionException("the name was not resolved in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JedisConnectionException(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownHostException) {
                throw new JedisConnectionException("the name is unknown", e.getCause());
            }
            throw new JedisConnectionException(e.getCause());
        }
    }
}
