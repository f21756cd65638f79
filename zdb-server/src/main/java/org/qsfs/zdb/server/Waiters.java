package org.qsfs.zdb.server;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Connections that wait for a command of another connection in the same namespace. One WAIT gives one reply. */
final class Waiters {
    @SuppressWarnings("ArrayRecordComponent") // name: set once, before seen
    private record Waiter(Connection connection, Session session, String command, CountDownLatch seen, String[] name) {}

    private final List<Waiter> waiting = new CopyOnWriteArrayList<>();

    /** Answers later, from a thread of its own: with the name of the command, or that it timed out. */
    void add(Connection connection, Session session, String command, Duration timeout) {
        // a connection waits for one thing at a time
        waiting.removeIf(w -> w.connection().equals(connection));
        Waiter waiter = new Waiter(connection, session, command, new CountDownLatch(1), new String[1]);
        waiting.add(waiter);
        Thread.startVirtualThread(() -> answer(waiter, timeout));
    }

    private void answer(Waiter waiter, Duration timeout) {
        boolean seen;
        try {
            seen = waiter.seen().await(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        boolean current = waiting.remove(waiter) || seen;
        if (current) {
            waiter.connection().push(reply -> {
                if (seen) {
                    reply.simple(waiter.name()[0]);
                } else {
                    reply.error("Timeout");
                }
            });
        }
    }

    /** A connection ran a command. */
    void ran(Connection by, Session session, String command) {
        if (waiting.isEmpty()) {
            return;
        }
        for (Waiter w : List.copyOf(waiting)) {
            boolean wanted = w.command().equals("*") || w.command().equals(command);
            boolean elsewhere =
                    w.connection().equals(by) || !w.session().namespace().equals(session.namespace());
            if (wanted && !elsewhere && waiting.remove(w)) {
                w.name()[0] = command;
                w.seen().countDown();
            }
        }
    }

    void closed(Connection connection) {
        waiting.removeIf(w -> w.connection().equals(connection));
    }
}
