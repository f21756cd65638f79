package org.qsfs.fs.rows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All rows of a volume: overlay first, then index.
 *
 * <p><b>Life.</b> {@link #open} gives the index as it was left, with its {@link #mark}. The journal judges the mark, says {@link #reset} if it does not
 * fit, brings the index up to date with {@link #load}, and calls {@link #start}. From then on it adds each transaction and says how far they are durable.
 *
 * <p><b>Failure.</b> A damaged index is dropped and built again from the {@link RowSource} by whoever finds the damage; all others wait for it. When that
 * fails, the listener is told and every read answers {@code EIO}.
 *
 * <p><b>Durability.</b> None: that is the journal's. {@link #close} leaves an index that can be used again.
 */
public final class RowStore implements RowReader, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RowStore.class);
    private static final int SMALLEST_STEP = 16;
    private static final int LARGEST_STEP = 512;
    private static final int ATTEMPTS = 3;

    private final RowStoreConfig config;
    private final IndexDirectory directory;
    private final RowSource source;
    private final Consumer<Throwable> failureListener;
    private final Thread applier =
            Thread.ofPlatform().name("qsfs-applier").daemon().unstarted(this::applyAll);

    /** Held by whoever writes, pins or replaces the index. */
    private final ReentrantLock indexLock = new ReentrantLock();
    /** Guarded by indexLock to change. */
    private volatile RowIndex index;
    /** Last transaction in the index. Guarded by indexLock. */
    private long applied;

    /** Before the start. */
    private @Nullable IndexWriter loader;

    private volatile Overlay overlay = new Overlay(0);
    private volatile @Nullable Throwable failure;

    private RowStore(RowStoreConfig config, RowSource source, Consumer<Throwable> failureListener) throws IOException {
        this.config = config;
        this.source = source;
        this.failureListener = failureListener;
        this.directory = new IndexDirectory(config);
        this.index = directory.open();
    }

    /** Opens the index, or an empty one when it cannot be trusted. The listener is told once when the index is lost for good. */
    public static RowStore open(RowStoreConfig config, RowSource source, Consumer<Throwable> failureListener)
            throws IOException {
        RowStore store = new RowStore(config, source, failureListener);
        try {
            if (store.index.mark() == null && store.index.size() > 0) {
                store.reset("it was left while it was being built");
            }
        } catch (IndexDamagedException e) {
            store.reset(String.valueOf(e.getMessage()));
        }
        return store;
    }

    /** The mark of the last transaction in the index, null when it is empty. Before {@link #start}. */
    public byte @Nullable [] mark() throws IOException {
        return index.mark();
    }

    /** Drops the index and begins with an empty one. Before {@link #start}. */
    public void reset(String why) throws IOException {
        log.info("index in {} is built again: {}", config.directory(), why);
        indexLock.lock();
        try {
            loader = null;
            index.drop();
            index = directory.create();
        } finally {
            indexLock.unlock();
        }
    }

    /** The mark of the last transaction of which the index may hold a part, null when it is empty. Before {@link #start}. */
    public byte @Nullable [] ceiling() throws IOException {
        return index.ceiling();
    }

    /**
     * Changes rows of the index. Before {@link #start}.
     *
     * @param mark of the transaction that the rows are from; null while they are only part of what the index needs, which is then useless until it has a mark
     */
    public void load(List<Row> rows, byte @Nullable [] mark) throws IOException {
        IndexWriter writer = loader;
        if (writer == null) {
            writer = writer(index);
            loader = writer;
        }
        writer.add(rows, mark);
    }

    private IndexWriter writer(RowIndex target) {
        return new IndexWriter(target, config.overlayBytes() / 2, config.commitBytes());
    }

    /** Ends loading: the index now holds everything up to a transaction. Additions must go on with the next one. */
    public void start(long sequence, byte[] mark) throws IOException {
        IndexWriter writer = loader;
        if (writer != null) {
            writer.write();
            loader = null;
        }
        index.mark(mark);
        index.commit();
        applied = sequence;
        overlay = new Overlay(sequence);
        applier.start();
    }

    // ---------------------------------------------------------------------------------------------- reading

    @Override
    public byte @Nullable [] get(byte[] key) throws FsException {
        Row recent = overlay.get(key);
        return recent != null
                ? recent.value()
                : fromIndex(from -> Optional.ofNullable(from.get(key))).orElse(null);
    }

    @Override
    public RowCursor scan(byte[] from, byte[] toExclusive) {
        return new MergingCursor(from, toExclusive);
    }

    private interface IndexRead<T> {
        T from(RowIndex index) throws IndexDamagedException;
    }

    private <T> T fromIndex(IndexRead<T> read) throws FsException {
        for (int attempt = 0; ; attempt++) {
            Throwable lost = failure;
            if (lost != null) {
                throw new FsException(Errno.EIO, "the index is lost: " + lost.getMessage(), lost);
            }
            RowIndex current = index;
            // an interrupt closes the channel under a reader; the caller finds it again afterwards
            boolean interrupted = Thread.interrupted();
            try {
                return read.from(current);
            } catch (IndexDamagedException e) {
                if (attempt == ATTEMPTS) {
                    throw new FsException(Errno.EIO, "the index stays damaged: " + e.getMessage(), e);
                }
                replace(current, e);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    /**
     * Reads in steps. In each step the overlay is read first and the index afterwards: a row that has left the overlay by then is in the index already, so
     * nothing is missed, and no version of the index has to be kept while the caller takes his time.
     */
    private final class MergingCursor implements RowCursor {
        private final byte[] end;
        private byte[] from;
        private List<Row> rows = List.of();
        private int at;
        private int step = SMALLEST_STEP;
        private boolean last;

        private MergingCursor(byte[] from, byte[] end) {
            this.from = from;
            this.end = end;
            this.last = Arrays.compareUnsigned(from, end) >= 0;
        }

        @Override
        public boolean next() throws FsException {
            at++;
            while (at >= rows.size()) {
                if (last) {
                    at = rows.size();
                    return false;
                }
                fill();
            }
            return true;
        }

        private void fill() throws FsException {
            int limit = step;
            step = Math.min(LARGEST_STEP, step * 2);
            List<Row> recent = overlay.range(from, end, limit);
            byte[] recentEnd =
                    recent.size() < limit ? end : Row.successor(recent.getLast().key());
            List<Row> older = fromIndex(index -> index.range(from, recentEnd, limit));
            byte[] seen = older.size() < limit
                    ? recentEnd
                    : Row.successor(older.getLast().key());
            rows = merge(recent, older, seen);
            at = 0;
            from = seen;
            last = Arrays.compareUnsigned(seen, end) >= 0;
        }

        @Override
        public byte[] key() {
            return rows.get(at).key();
        }

        @Override
        public byte[] value() {
            byte[] value = rows.get(at).value();
            if (value == null) {
                throw new IllegalStateException("a removed row was not left out of a scan");
            }
            return value;
        }
    }

    /** Rows below {@code end} that exist: those of the overlay hide those of the index. */
    private static List<Row> merge(List<Row> recent, List<Row> older, byte[] end) {
        List<Row> merged = new ArrayList<>(recent.size() + older.size());
        int j = 0;
        for (Row row : recent) {
            if (Arrays.compareUnsigned(row.key(), end) >= 0) {
                break;
            }
            int order = -1;
            while (j < older.size()
                    && (order = Arrays.compareUnsigned(older.get(j).key(), row.key())) < 0) {
                merged.add(older.get(j++));
            }
            if (j < older.size() && order == 0) {
                j++;
            }
            if (row.value() != null) {
                merged.add(row);
            }
        }
        merged.addAll(older.subList(j, older.size()));
        return merged;
    }

    // ---------------------------------------------------------------------------------------------- adding

    /** Makes the rows of the next transaction visible. Under the journal's commit lock. */
    public void add(RowBatch batch) {
        overlay.add(batch);
    }

    /** Transactions up to this one are on disk and may be applied. */
    public void durable(long sequence) {
        overlay.durable(sequence);
    }

    /** Whether additions should wait. */
    public boolean full() {
        return overlay.bytes() >= config.overlayBytes();
    }

    /** Waits until additions are welcome again. Only what is durable leaves the overlay, so the caller syncs first. */
    public void awaitRoom() throws FsException {
        try {
            if (!overlay.awaitBelow(config.overlayBytes(), config.patience().toNanos())) {
                throw new FsException(
                        Errno.EIO,
                        "no room for new rows: %d bytes are not applied to the index in %s, %d are allowed, and it made no progress for %s"
                                .formatted(
                                        overlay.bytes(), config.directory(), config.overlayBytes(), config.patience()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException(Errno.EINTR, "interrupted while waiting for room for new rows", e);
        }
    }

    /** Waits until a durable transaction is in the index. */
    public void awaitApplied(long sequence) throws FsException {
        try {
            if (!overlay.awaitApplied(sequence, config.patience().toNanos())) {
                throw new FsException(
                        Errno.EIO,
                        "transaction %d was not applied to the index in %s within %s"
                                .formatted(sequence, config.directory(), config.patience()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException(Errno.EINTR, "interrupted while waiting for the index", e);
        }
    }

    /** Bytes of rows that are not in the index yet. */
    public long overlayBytes() {
        return overlay.bytes();
    }

    // ---------------------------------------------------------------------------------------------- applying

    private void applyAll() {
        long nextCommit = System.nanoTime() + config.commitInterval().toNanos();
        while (!overlay.stopped()) {
            List<RowBatch> batches = overlay.peekDurable(config.overlayBytes() / 2, nextCommit - System.nanoTime());
            try {
                apply(batches);
                if (nextCommit - System.nanoTime() <= 0 || index.unsavedBytes() >= config.commitBytes()) {
                    commit();
                    nextCommit = System.nanoTime() + config.commitInterval().toNanos();
                }
            } catch (FsException e) {
                // the listener was told; there is nothing left to apply to
                return;
            } catch (RuntimeException | Error e) {
                lost(new IOException("the applier failed: " + e, e));
                throw e;
            }
        }
    }

    private void apply(List<RowBatch> batches) throws FsException {
        if (batches.isEmpty()) {
            return;
        }
        indexLock.lock();
        try {
            written(target -> {
                IndexWriter writer = new IndexWriter(target, Long.MAX_VALUE, config.commitBytes());
                for (RowBatch batch : batches) {
                    writer.add(batch.rows(), batch.mark());
                }
                writer.write();
            });
            applied = batches.getLast().sequence();
        } finally {
            indexLock.unlock();
        }
        overlay.applied(batches.size());
    }

    /** Writes what is applied to the index file. */
    private void commit() throws FsException {
        indexLock.lock();
        try {
            written(RowIndex::commit);
        } finally {
            indexLock.unlock();
        }
    }

    private interface IndexWrite {
        void to(RowIndex index) throws IndexDamagedException;
    }

    private void written(IndexWrite write) throws FsException {
        for (int attempt = 0; ; attempt++) {
            RowIndex current = index;
            try {
                write.to(current);
                return;
            } catch (IndexDamagedException e) {
                if (attempt == ATTEMPTS) {
                    throw lost(e);
                }
                replace(current, e);
            }
        }
    }

    /** The rows as of one transaction, readable while later ones are applied. */
    public final class Snapshot implements AutoCloseable {
        private final RowIndex.Pin pin;
        private final RowIndex from;
        private final long sequence;
        private final byte[] mark;

        private Snapshot(RowIndex from, RowIndex.Pin pin, long sequence, byte[] mark) {
            this.from = from;
            this.pin = pin;
            this.sequence = sequence;
            this.mark = mark;
        }

        /** The transaction. */
        public long sequence() {
            return sequence;
        }

        public byte[] mark() {
            return mark;
        }

        /** The first {@code limit} rows with keys not below {@code first}; throws when the index was damaged, which is then repaired: begin anew. */
        public List<Row> rows(byte[] first, int limit) throws IOException {
            try {
                return pin.rows(first, limit);
            } catch (IndexDamagedException e) {
                replace(from, e);
                throw e;
            }
        }

        /** Throws like {@link #rows} when the index counts another number of rows than were read. */
        public void requireSize(long read) throws IOException {
            try {
                long counted = pin.size();
                if (counted != read) {
                    throw new IndexDamagedException(
                            "the index counts " + counted + " rows, " + read + " could be read");
                }
            } catch (IndexDamagedException e) {
                replace(from, e);
                throw e;
            }
        }

        @Override
        public void close() {
            pin.close();
        }
    }

    /** Pins the rows as they are in the index now. */
    public Snapshot snapshot() throws IOException {
        indexLock.lock();
        try {
            RowIndex current = index;
            byte[] mark = current.mark();
            if (mark == null) {
                throw new IllegalStateException("the row store was not started");
            }
            return new Snapshot(current, current.pin(), applied, mark);
        } catch (IndexDamagedException e) {
            replace(index, e);
            throw e;
        } finally {
            indexLock.unlock();
        }
    }

    // ---------------------------------------------------------------------------------------------- rebuilding

    /** Puts a rebuilt index in place of a damaged one, unless that was done already. */
    private void replace(RowIndex damaged, IndexDamagedException cause) throws FsException {
        try {
            if (!indexLock.tryLock(config.patience().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new FsException(
                        Errno.EIO,
                        "the index in " + config.directory() + " was not built again within " + config.patience());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException(Errno.EINTR, "interrupted while the index was built again", e);
        }
        try {
            if (index == damaged && failure == null) {
                log.warn(
                        "the index in {} is damaged and is built again from the journal: {}",
                        config.directory(),
                        cause.getMessage());
                index = rebuilt(damaged);
            }
        } catch (IOException e) {
            throw lost(e);
        } finally {
            indexLock.unlock();
        }
    }

    private RowIndex rebuilt(RowIndex damaged) throws IOException {
        long started = System.nanoTime();
        damaged.drop();
        RowIndex fresh = directory.create();
        try {
            IndexWriter writer = writer(fresh);
            byte[] mark = source.replay(applied, rows -> writer.add(rows, null));
            writer.write();
            fresh.mark(mark);
            fresh.commit();
        } catch (IOException | RuntimeException e) {
            fresh.abandon();
            throw e;
        }
        log.info(
                "the index was built again up to transaction {} in {} ms",
                applied,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
        return fresh;
    }

    private FsException lost(IOException cause) {
        if (failure == null) {
            failure = cause;
            overlay.stop();
            failureListener.accept(cause);
        }
        return new FsException(Errno.EIO, "the index is lost: " + cause.getMessage(), cause);
    }

    // ---------------------------------------------------------------------------------------------- closing

    /** Closes the index so that it can be used again. What is not applied by now is found in the journal. */
    @Override
    public void close() throws IOException {
        stopApplier();
        indexLock.lock();
        try {
            if (failure == null) {
                index.close();
                directory.closedCleanly();
            } else {
                index.abandon();
            }
        } finally {
            indexLock.unlock();
        }
    }

    /** Stops at once and writes nothing, like a process that dies. */
    public void abandon() {
        stopApplier();
        index.abandon();
    }

    private void stopApplier() {
        overlay.stop();
        boolean interrupted = false;
        while (applier.isAlive()) {
            try {
                if (!applier.join(config.patience())) {
                    log.error("the applier of {} did not stop within {}", config.directory(), config.patience());
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
