package org.qsfs.fs.rows;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
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
 * <p><b>Failure.</b> A damaged index heals, see {@link HealingIndex}. When that fails, the listener is told and every read answers {@code EIO}.
 *
 * <p><b>Durability.</b> None: that is the journal's. {@link #close} leaves an index that can be used again.
 */
public final class RowStore implements RowReader, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RowStore.class);

    private final RowStoreConfig config;
    private final HealingIndex index;
    private final Consumer<Throwable> failureListener;
    private final Thread applier =
            Thread.ofPlatform().name("qsfs-applier").daemon().unstarted(this::applyAll);

    /** Before the start. */
    private @Nullable IndexWriter loader;

    private volatile Overlay overlay = new Overlay(0);

    private RowStore(RowStoreConfig config, RowSource source, Consumer<Throwable> failureListener) throws IOException {
        this.config = config;
        this.failureListener = failureListener;
        this.index = new HealingIndex(config, source, this::lost);
    }

    /** Opens the index, or an empty one when it cannot be trusted. The listener is told once when the index is lost for good. */
    public static RowStore open(RowStoreConfig config, RowSource source, Consumer<Throwable> failureListener)
            throws IOException {
        RowStore store = new RowStore(config, source, failureListener);
        try {
            RowIndex found = store.index.current();
            if (found.mark() == null && found.size() > 0) {
                store.reset("it was left while it was being built");
            }
        } catch (IndexDamagedException e) {
            store.reset(String.valueOf(e.getMessage()));
        }
        return store;
    }

    /** The mark of the last transaction in the index, null when it is empty. Before {@link #start}. */
    public byte @Nullable [] mark() throws IOException {
        return index.current().mark();
    }

    /** Drops the index and begins with an empty one. Before {@link #start}. */
    public void reset(String why) throws IOException {
        log.info("index in {} is built again: {}", config.directory(), why);
        loader = null;
        index.reset();
    }

    /** The mark of the last transaction of which the index may hold a part, null when it is empty. Before {@link #start}. */
    public byte @Nullable [] ceiling() throws IOException {
        return index.current().ceiling();
    }

    /**
     * Changes rows of the index. Before {@link #start}.
     *
     * @param mark of the transaction that the rows are from; null while they are only part of what the index needs, which is then useless until it has a mark
     */
    public void load(List<Row> rows, byte @Nullable [] mark) throws IOException {
        IndexWriter writer = loader;
        if (writer == null) {
            writer = IndexWriter.loading(index.current(), config);
            loader = writer;
        }
        writer.add(rows, mark);
    }

    /** Ends loading: the index now holds everything up to a transaction. Additions must go on with the next one. */
    public void start(long sequence, byte[] mark) throws IOException {
        IndexWriter writer = loader;
        if (writer != null) {
            writer.write();
            loader = null;
        }
        index.start(sequence, mark);
        overlay = new Overlay(sequence);
        applier.start();
    }

    // ---------------------------------------------------------------------------------------------- reading

    @Override
    public byte @Nullable [] get(byte[] key) throws FsException {
        Row recent = overlay.get(key);
        return recent != null
                ? recent.value()
                : index.read(from -> Optional.ofNullable(from.get(key))).orElse(null);
    }

    @Override
    public RowCursor scan(byte[] from, byte[] toExclusive) {
        return new MergingCursor(overlay, index, from, toExclusive);
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
                if (!batches.isEmpty()) {
                    index.apply(batches);
                    overlay.applied(batches.size());
                }
                if (nextCommit - System.nanoTime() <= 0 || index.unsavedBytes() >= config.commitBytes()) {
                    index.commit();
                    nextCommit = System.nanoTime() + config.commitInterval().toNanos();
                }
            } catch (FsException e) {
                // the listener was told; there is nothing left to apply to
                return;
            } catch (RuntimeException | Error e) {
                index.lost(new IOException("the applier failed: " + e, e));
                throw e;
            }
        }
    }

    private void lost(IOException cause) {
        overlay.stop();
        failureListener.accept(cause);
    }

    /** Pins the rows as they are in the index now. */
    public RowSnapshot snapshot() throws IOException {
        return index.snapshot();
    }

    // ---------------------------------------------------------------------------------------------- closing

    /** Closes the index so that it can be used again. What is not applied by now is found in the journal. */
    @Override
    public void close() throws IOException {
        stopApplier();
        index.close();
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
