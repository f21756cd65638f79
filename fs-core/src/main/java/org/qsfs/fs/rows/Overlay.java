package org.qsfs.fs.rows;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Rows of transactions that are not yet in the index: the newest change of each row to read, and the transactions in order to apply.
 *
 * <p>Threading: one thread at a time adds, one takes and removes, any reads.
 */
final class Overlay {
    /** A row of one transaction. Compared by identity: a newer change of the same bytes is another one. */
    private static final class Change {
        private final Row row;

        private Change(Row row) {
            this.row = row;
        }
    }

    private record Pending(RowBatch batch, List<Change> changes) {}

    private final ConcurrentSkipListMap<byte[], Change> newest = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final Queue<Pending> pending = new ArrayDeque<>();
    private long durable;
    private long applied;
    private boolean stopped;
    private final AtomicLong bytes = new AtomicLong();

    Overlay(long applied) {
        this.applied = applied;
        this.durable = applied;
    }

    /** The newest change of a row, null when there is none. */
    @Nullable
    Row get(byte[] key) {
        Change change = newest.get(key);
        return change == null ? null : change.row;
    }

    /** The first {@code limit} changes with {@code from <= key < toExclusive}. */
    List<Row> range(byte[] from, byte[] toExclusive, int limit) {
        if (Arrays.compareUnsigned(from, toExclusive) >= 0) {
            return List.of();
        }
        List<Row> found = new ArrayList<>();
        for (Change change : newest.subMap(from, toExclusive).values()) {
            found.add(change.row);
            if (found.size() == limit) {
                break;
            }
        }
        return found;
    }

    void add(RowBatch batch) {
        List<Change> changes = new ArrayList<>(batch.rows().size());
        for (Row row : batch.rows()) {
            Change change = new Change(row);
            changes.add(change);
            newest.put(row.key(), change);
        }
        lock.lock();
        try {
            pending.add(new Pending(batch, changes));
            bytes.addAndGet(batch.footprint());
        } finally {
            lock.unlock();
        }
    }

    /** Transactions up to this one may be applied. */
    void durable(long sequence) {
        lock.lock();
        try {
            if (sequence > durable) {
                durable = sequence;
                work.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Durable transactions in order, up to about {@code mostBytes}; none when there are none within the time or everything stops. Interruption counts as a timeout.
     */
    List<RowBatch> peekDurable(long mostBytes, long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (!hasDurable() && !stopped && left > 0) {
                left = work.awaitNanos(left);
            }
            List<RowBatch> found = new ArrayList<>();
            long foundBytes = 0;
            for (Pending next : pending) {
                if (next.batch().sequence() > durable || foundBytes >= mostBytes) {
                    break;
                }
                found.add(next.batch());
                foundBytes += next.batch().footprint();
            }
            return found;
        } catch (InterruptedException e) {
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    private boolean hasDurable() {
        Pending first = pending.peek();
        return first != null && first.batch().sequence() <= durable;
    }

    /** The oldest {@code count} transactions are in the index now. */
    void applied(int count) {
        for (int i = 0; i < count; i++) {
            Pending done = oldest();
            for (Change change : done.changes()) {
                newest.remove(change.row.key(), change);
            }
            lock.lock();
            try {
                pending.remove();
                applied = done.batch().sequence();
                bytes.addAndGet(-done.batch().footprint());
                room.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private Pending oldest() {
        lock.lock();
        try {
            return pending.element();
        } finally {
            lock.unlock();
        }
    }

    long bytes() {
        return bytes.get();
    }

    /** Waits until less than {@code most} bytes are here; false when that takes too long or everything stops. */
    boolean awaitBelow(long most, long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (bytes.get() >= most && !stopped && left > 0) {
                left = room.awaitNanos(left);
            }
            return bytes.get() < most;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a transaction is applied; false when that takes too long or everything stops. */
    boolean awaitApplied(long sequence, long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (applied < sequence && !stopped && left > 0) {
                left = room.awaitNanos(left);
            }
            return applied >= sequence;
        } finally {
            lock.unlock();
        }
    }

    /** Ends all waiting. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            work.signalAll();
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean stopped() {
        lock.lock();
        try {
            return stopped;
        } finally {
            lock.unlock();
        }
    }
}
