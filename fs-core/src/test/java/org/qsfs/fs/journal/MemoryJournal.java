package org.qsfs.fs.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.inode.TransactionLog;
import org.qsfs.fs.rows.Row;
import org.qsfs.fs.rows.RowCursor;
import org.qsfs.fs.rows.RowReader;

/** A journal and its rows in memory: for tests of the filesystem that need no disk. Keeps every transaction, so that a test can go back to any of them. */
public final class MemoryJournal implements TransactionLog, RowReader {
    private final ConcurrentSkipListMap<byte[], byte[]> rows = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
    private final List<Transaction> transactions = new ArrayList<>();
    private final AtomicInteger syncs = new AtomicInteger();
    private volatile VolumeCounters counters = VolumeCounters.NONE;

    /** The volume as the first {@code count} transactions left it. */
    public synchronized MemoryJournal after(int count) {
        MemoryJournal earlier = new MemoryJournal();
        for (Transaction transaction : transactions.subList(0, count)) {
            earlier.commit(transaction);
        }
        return earlier;
    }

    public synchronized int transactions() {
        return transactions.size();
    }

    /** Removes or changes a row without a transaction, as damage does. */
    public void damage(byte[] key, byte @Nullable [] value) {
        if (value == null) {
            rows.remove(key);
        } else {
            rows.put(key, value);
        }
    }

    @Override
    public VolumeCounters counters() {
        return counters;
    }

    @Override
    public synchronized void commit(Transaction transaction) {
        for (Row row : transaction.rows()) {
            byte[] value = row.value();
            damage(row.key(), value);
        }
        counters = transaction.after(counters);
        transactions.add(transaction);
    }

    @Override
    public void sync() {
        syncs.incrementAndGet();
    }

    /** How often somebody wanted everything on disk. */
    public int syncs() {
        return syncs.get();
    }

    @Override
    public void fail(String reason, Throwable cause) {}

    @Override
    public byte @Nullable [] get(byte[] key) {
        return rows.get(key);
    }

    @Override
    public RowCursor scan(byte[] from, byte[] toExclusive) {
        NavigableMap<byte[], byte[]> range = rows.subMap(from, true, toExclusive, false);
        Iterator<Map.Entry<byte[], byte[]>> entries = range.entrySet().iterator();
        return new RowCursor() {
            private Map.@Nullable Entry<byte[], byte[]> current;

            @Override
            public boolean next() {
                current = entries.hasNext() ? entries.next() : null;
                return current != null;
            }

            @Override
            public byte[] key() {
                return java.util.Objects.requireNonNull(current).getKey();
            }

            @Override
            public byte[] value() {
                return java.util.Objects.requireNonNull(current).getValue();
            }
        };
    }
}
