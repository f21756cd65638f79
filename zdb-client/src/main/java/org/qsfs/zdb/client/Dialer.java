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
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Opens TCP connections: resolves the name, tries each of its addresses, all before a deadline. Thread-safe. */
final class Dialer {

    private final ZdbAddress address;
    private final Watchdog watchdog;

    Dialer(ZdbAddress address, Watchdog watchdog) {
        this.address = address;
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
            return new Wire(new ChannelSocket(channel));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
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
