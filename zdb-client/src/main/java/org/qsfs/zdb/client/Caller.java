package org.qsfs.zdb.client;

import java.time.Duration;
import java.util.function.Consumer;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Runs one exchange with the server inside one deadline, on a pooled connection, and turns every failure into a
 * {@link ZdbException}. Thread-safe.
 */
final class Caller implements AutoCloseable {

    /** Sends requests on a connection and reads the replies to all of them. */
    interface Exchange<T> {
        T on(Wire wire);
    }

    private final ZdbEndpoint endpoint;
    private final ZdbTimeouts timeouts;
    private final Watchdog watchdog;
    private final Dialer dialer;
    private final ConnectionPool pool;

    Caller(ZdbEndpoint endpoint, ZdbTimeouts timeouts, int maxConnections) {
        this.endpoint = endpoint;
        this.timeouts = timeouts;
        this.watchdog = new Watchdog(endpoint.toString());
        this.dialer = new Dialer(endpoint.address(), endpoint.tls(), watchdog);
        this.pool = new ConnectionPool(maxConnections, deadline -> open(deadline, Handshake::select));
    }

    /** On a connection in the namespace. */
    <T> T call(Command command, Exchange<T> exchange) {
        long deadline = System.nanoTime() + timeouts.request().toNanos();
        Wire wire = borrow(command, deadline);
        boolean usable = false;
        try {
            T result = run(command, wire, deadline, exchange);
            usable = true;
            return result;
        } catch (ZdbException.Unreachable | ZdbException.Timeout e) {
            pool.forgetIdle();
            throw e;
        } catch (ZdbException e) {
            usable = keepsInStep(e);
            throw e;
        } finally {
            pool.giveBack(wire, usable);
        }
    }

    /** On a connection of its own with administrator's rights, which is closed afterwards. */
    <T> T callAsAdmin(Command command, Exchange<T> exchange) {
        long deadline = System.nanoTime() + timeouts.request().toNanos();
        try (Wire wire = open(deadline, Handshake::becomeAdmin)) {
            return run(command, wire, deadline, exchange);
        }
    }

    private Wire borrow(Command command, long deadline) {
        try {
            Wire wire = pool.borrow(deadline);
            if (wire == null) {
                throw new ZdbException.Timeout(
                        where(command) + ": all connections were in use for " + timeouts.request(), null);
            }
            return wire;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ZdbException.Cancelled(where(command) + ": the thread was interrupted", e);
        }
    }

    private <T> T run(Command command, Wire wire, long deadline, Exchange<T> exchange) {
        T result;
        try (Watchdog.Guard _ = watchdog.guard(deadline, wire)) {
            result = exchange.on(wire);
        } catch (JedisConnectionException e) {
            throw broken(where(command), deadline, timeouts.request(), e);
        }
        if (wire.hasSurplus()) {
            throw new ZdbException.Protocol(where(command) + ": the server sent more than the reply");
        }
        return result;
    }

    private Wire open(long callDeadline, Consumer<Handshake> steps) {
        long connectDeadline = System.nanoTime() + timeouts.connect().toNanos();
        long deadline = connectDeadline - callDeadline < 0 ? connectDeadline : callDeadline;
        Wire wire = null;
        boolean done = false;
        try {
            wire = dialer.dial(deadline);
            try (Watchdog.Guard _ = watchdog.guard(deadline, wire)) {
                steps.accept(new Handshake(endpoint, wire));
            }
            done = true;
            return wire;
        } catch (JedisConnectionException e) {
            throw broken(endpoint + ": connect", deadline, timeouts.connect(), e);
        } finally {
            if (!done && wire != null) {
                wire.close();
            }
        }
    }

    /** Whether the stream of requests and replies is still in step after this. */
    private static boolean keepsInStep(ZdbException e) {
        return switch (e) {
            case ZdbException.NoSpace x -> true;
            case ZdbException.Locked x -> true;
            case ZdbException.Frozen x -> true;
            case ZdbException.ReadOnly x -> true;
            case ZdbException.Unreadable x -> true;
            default -> false;
        };
    }

    private ZdbException broken(String where, long deadline, Duration limit, JedisConnectionException e) {
        if (e instanceof ReplyReader.Malformed) {
            return new ZdbException.Protocol(where + ": " + e.getMessage());
        }
        if (Thread.currentThread().isInterrupted()) {
            return new ZdbException.Cancelled(where + ": the thread was interrupted", e);
        }
        if (pool.isClosed()) {
            return new ZdbException.Unreachable(where + ": the client was closed", e);
        }
        if (System.nanoTime() - deadline >= 0) {
            return new ZdbException.Timeout(where + ": not done within " + limit, e);
        }
        Throwable cause = e.getCause();
        return new ZdbException.Unreachable(where + ": " + (cause == null ? e.getMessage() : cause), e);
    }

    String where(Command command) {
        return endpoint + ": " + command;
    }

    @Override
    public void close() {
        pool.close();
        watchdog.close();
    }
}
