package org.qsfs.fs.rows;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index of a running volume. Damage that a read or write finds is healed before it answers: the index is dropped and built again from the {@link RowSource}, once,
 * while all others who found it wait.
 *
 * <p><b>Failure.</b> When it cannot be built again the index is lost for good: the listener is told once, and every call answers {@code EIO}.
 *
 * <p><b>Threading.</b> Reads by any thread, without a lock. Whoever writes, pins or replaces the index holds its lock.
 */
final class HealingIndex {
    private static final Logger log = LoggerFactory.getLogger(HealingIndex.class);
    private static final int ATTEMPTS = 3;

    private final RowStoreConfig config;
    private final IndexDirectory directory;
    private final RowSource source;
    private final Consumer<IOException> lossListener;
    private final ReentrantLock lock = new ReentrantLock();

    /** Changed under the lock. */
    private volatile RowIndex index;
    /** Last transaction in the index. Guarded by the lock. */
    private long applied;

    private volatile @Nullable Throwable failure;

    /** Something that is read from the index. */
    interface Read<T> {
        T from(RowIndex index) throws IndexDamagedException;
    }

    private interface Write {
        void to(RowIndex index) throws IndexDamagedException;
    }

    /** @param lossListener told once when the index is lost for good */
    HealingIndex(RowStoreConfig config, RowSource source, Consumer<IOException> lossListener) throws IOException {
        this.config = config;
        this.source = source;
        this.lossListener = lossListener;
        this.directory = new IndexDirectory(config);
        this.index = directory.open();
    }

    /** The index itself, which until {@link #start} has one user. */
    RowIndex current() {
        return index;
    }

    /** Drops the index and begins with an empty one. Before {@link #start}. */
    void reset() throws IOException {
        lock.lock();
        try {
            index.drop();
            index = directory.create();
        } finally {
            lock.unlock();
        }
    }

    /** The index holds everything up to a transaction and is put to use. */
    void start(long sequence, byte[] mark) throws IOException {
        lock.lock();
        try {
            index.mark(mark);
            index.commit();
            applied = sequence;
        } finally {
            lock.unlock();
        }
    }

    <T> T read(Read<T> read) throws FsException {
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

    /** Applies transactions, which follow on each other and on what was applied before. */
    void apply(List<RowBatch> batches) throws FsException {
        lock.lock();
        try {
            write(target -> {
                IndexWriter writer = IndexWriter.applying(target, config);
                for (RowBatch batch : batches) {
                    writer.add(batch.rows(), batch.mark());
                }
                writer.write();
            });
            applied = batches.getLast().sequence();
        } finally {
            lock.unlock();
        }
    }

    /** Writes what is applied to the index file. */
    void commit() throws FsException {
        lock.lock();
        try {
            write(RowIndex::commit);
        } finally {
            lock.unlock();
        }
    }

    /** Bytes that a commit would write. */
    long unsavedBytes() {
        return index.unsavedBytes();
    }

    private void write(Write write) throws FsException {
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

    /** Pins the rows as they are now. */
    RowSnapshot snapshot() throws IOException {
        lock.lock();
        try {
            RowIndex current = index;
            byte[] mark = current.mark();
            if (mark == null) {
                throw new IllegalStateException("the row store was not started");
            }
            return new RowSnapshot(this, current, current.pin(), applied, mark);
        } catch (IndexDamagedException e) {
            replace(index, e);
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** Puts a rebuilt index in place of a damaged one, unless that was done already. */
    void replace(RowIndex damaged, IndexDamagedException cause) throws FsException {
        try {
            if (!lock.tryLock(config.patience().toNanos(), TimeUnit.NANOSECONDS)) {
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
            lock.unlock();
        }
    }

    private RowIndex rebuilt(RowIndex damaged) throws IOException {
        long started = System.nanoTime();
        damaged.drop();
        RowIndex fresh = directory.create();
        try {
            IndexWriter writer = IndexWriter.loading(fresh, config);
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

    /** Gives the index up for good. */
    FsException lost(IOException cause) {
        if (failure == null) {
            failure = cause;
            lossListener.accept(cause);
        }
        return new FsException(Errno.EIO, "the index is lost: " + cause.getMessage(), cause);
    }

    /** Closes the index so that it can be used again, unless it is lost. */
    void close() throws IOException {
        lock.lock();
        try {
            if (failure == null) {
                index.close();
                directory.closedCleanly();
            } else {
                index.abandon();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops at once and writes nothing. */
    void abandon() {
        index.abandon();
    }
}
