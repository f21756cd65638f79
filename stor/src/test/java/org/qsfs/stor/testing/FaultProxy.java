package org.qsfs.stor.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy in front of a server that does to connections what networks and dying machines do. Faults begin at once, for connections that are open and those to
 * come, and end with {@link #heal}.
 *
 * <p>Which bytes are corrupted follows from a seed that is printed, so that a failure can be repeated.
 */
public final class FaultProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 << 10;

    private final ServerSocket listener;
    private final InetSocketAddress target;
    private final Random random;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong answeredBytes = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Fault fault = new Fault.None();
    private boolean closed;

    /** What happens to bytes and connections. */
    public sealed interface Fault {
        /** Nothing. */
        record None() implements Fault {}

        /** Connections are closed at once. */
        record Refuse() implements Fault {}

        /** Connections are accepted and nothing is passed on any more, in either direction; they stay open. */
        record HalfOpen() implements Fault {}

        /** Every piece of an answer comes later. */
        record Delay(Duration by) implements Fault {}

        /** Each connection is cut after so many bytes of answers. */
        record CutAfter(long bytes) implements Fault {}

        /** About one byte of answers in so many is changed. */
        record Corrupt(int everyBytes) implements Fault {}
    }

    private FaultProxy(ServerSocket listener, InetSocketAddress target, long seed) {
        this.listener = listener;
        this.target = target;
        this.random = new Random(seed);
    }

    /** Starts a proxy on a free loopback port. */
    public static FaultProxy before(String host, int port) {
        long seed = Long.getLong("qsfs.test.seed", System.nanoTime());
        System.out.println("fault proxy before " + host + ":" + port + ", seed " + seed + " (-Dqsfs.test.seed)");
        try {
            FaultProxy proxy = new FaultProxy(
                    new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), new InetSocketAddress(host, port), seed);
            Thread.ofVirtual().start(proxy::accept);
            return proxy;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Where clients connect. */
    public String host() {
        return InetAddress.getLoopbackAddress().getHostAddress();
    }

    /** Where clients connect. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Connections accepted so far. */
    public long connections() {
        return connections.get();
    }

    /** Bytes of answers passed on so far. */
    public long answeredBytes() {
        return answeredBytes.get();
    }

    /** Begins a fault. Cutting faults also end the connections that are open. */
    public void inject(Fault next) {
        lock.lock();
        try {
            fault = next;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (next instanceof Fault.Refuse) {
            sockets.forEach(FaultProxy::closeQuietly);
        }
    }

    /** Ends the fault. Connections that it had stuck are cut. */
    public void heal() {
        inject(new Fault.None());
        sockets.forEach(FaultProxy::closeQuietly);
    }

    private Fault fault() {
        lock.lock();
        try {
            return fault;
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                connections.incrementAndGet();
                if (fault() instanceof Fault.Refuse) {
                    closeQuietly(client);
                } else {
                    sockets.add(client);
                    Thread.ofVirtual().start(() -> relay(client));
                }
            } catch (IOException ended) {
                return;
            }
        }
    }

    private void relay(Socket client) {
        Socket server = new Socket();
        sockets.add(server);
        try (client;
                server) {
            server.connect(target, 2_000);
            server.setTcpNoDelay(true);
            client.setTcpNoDelay(true);
            Thread requests = Thread.ofVirtual().start(() -> pump(client, server, null));
            pump(server, client, new AtomicLong());
            requests.join();
        } catch (IOException | InterruptedException gone) {
            closeQuietly(client);
        } finally {
            sockets.remove(client);
            sockets.remove(server);
        }
    }

    /** @param answered counts the bytes of answers of this connection; null for requests */
    private void pump(Socket from, Socket to, @Nullable AtomicLong answered) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                int length = read;
                waitWhileHalfOpen();
                if (answered != null) {
                    length = disturb(buffer, read, answered);
                    answeredBytes.addAndGet(length);
                }
                out.write(buffer, 0, length);
                if (length < read) {
                    break;
                }
            }
        } catch (IOException | InterruptedException ended) {
            // one side went away; the other follows
        } finally {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    /** @return how many of the bytes to pass on; fewer than given when the connection is to be cut behind them */
    private int disturb(byte[] buffer, int read, AtomicLong answered) throws InterruptedException {
        switch (fault()) {
            case Fault.Delay(Duration by) -> Thread.sleep(by);
            case Fault.CutAfter(long bytes) -> {
                long before = answered.getAndAdd(read);
                return Math.clamp(bytes - before, 0, read);
            }
            case Fault.Corrupt(int everyBytes) -> {
                synchronized (random) {
                    for (int i = random.nextInt(everyBytes); i < read; i += 1 + random.nextInt(2 * everyBytes)) {
                        buffer[i] ^= (byte) (1 + random.nextInt(255));
                    }
                }
            }
            case Fault.None none -> {}
            case Fault.Refuse refuse -> {}
            case Fault.HalfOpen halfOpen -> {}
        }
        return read;
    }

    private void waitWhileHalfOpen() throws InterruptedException {
        lock.lock();
        try {
            while (fault instanceof Fault.HalfOpen && !closed) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // nothing is left to close
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            listener.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        sockets.forEach(FaultProxy::closeQuietly);
    }
}
