package org.qsfs.fs.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.rows.RowBatch;
import org.qsfs.fs.rows.RowStore;
import org.qsfs.zdb.format.DataFormat;
import org.qsfs.zdb.log.Location;
import org.qsfs.zdb.log.LogPosition;
import org.qsfs.zdb.log.SegmentLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of a volume that is open.
 *
 * <p><b>Contract.</b> {@link #commit} appends a transaction and makes its rows visible; transactions are ordered by their sequence. After a crash the volume is as
 * some transaction left it, and every transaction before a {@link #sync} that returned is in it, with the data records it introduces.
 *
 * <p><b>Durability.</b> {@link #sync} makes everything durable that was committed before the call, and everything appended to the data namespace; both fdatasyncs run
 * at the same time, and callers that come together share them. The caller syncs every commit_interval when {@link #unsynced} says so.
 *
 * <p><b>Failure.</b> A failed write or fsync ends writing: the calls that wait for it fail with EIO, later commits with EROFS, until the volume is opened again.
 * Nothing is tried twice. Reads go on.
 *
 * <p><b>Threading.</b> Everything may be called by any thread. Commits are serialised; a commit may wait for the index when the overlay is full.
 */
public final class Journal implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Journal.class);
    private static final long SYNC_SECONDS = 300;
    /** A checkpoint is due when the journal since the last one is longer than this, and longer than that was. */
    private static final long CHECKPOINT_BYTES = 64L << 20;
    /** How much journal there is since the last checkpoint is not known after opening, only how many transactions. */
    private static final long USUAL_TRANSACTION_BYTES = 300;

    private final JournalConfig config;
    private final SegmentLog data;
    private final SegmentLog meta;
    private final JournalFraming framing;
    private final MetaSegments segments;
    private final RowStore rows;
    private final List<JournalListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private final ReentrantLock commitLock = new ReentrantLock();
    private final ReentrantLock checkpointLock = new ReentrantLock();
    /** Behind the last transaction. Guarded by commitLock to change. */
    private volatile JournalPoint end;

    private final Durable durable;
    private final AtomicLong sinceCheckpoint = new AtomicLong();
    private volatile long checkpointBytes;
    private volatile boolean closed;

    Journal(
            JournalConfig config,
            SegmentLog data,
            SegmentLog meta,
            JournalFraming framing,
            MetaSegments segments,
            RowStore rows,
            JournalPoint end,
            Durable durable) {
        this.config = config;
        this.data = data;
        this.meta = meta;
        this.framing = framing;
        this.segments = segments;
        this.rows = rows;
        this.end = end;
        this.durable = durable;
        CheckpointPointer checkpoint = framing.checkpoint();
        long covered = checkpoint == null ? 0 : checkpoint.sequence();
        this.sinceCheckpoint.set((end.sequence() - covered) * USUAL_TRANSACTION_BYTES);
    }

    /**
     * Opens a volume: recovers its journal, brings the index up to date, and begins new segments in both namespaces with the first append. Idempotent: a crash on
     * the way is recovered like any other.
     *
     * @throws JournalDamagedException the journal is damaged where it was durable, and the mode is {@link JournalConfig.Mode#READ_WRITE}
     * @throws IOException the volume is another one, or its files cannot be read or written
     */
    public static RecoveredVolume open(JournalConfig config) throws IOException {
        return new Recovery(config).run();
    }

    // ---------------------------------------------------------------------------------------------- committing

    /**
     * Appends a transaction and makes its rows visible.
     *
     * @return its sequence number
     * @throws FsException EROFS when the volume is read-only; EIO when it becomes so now, or when the index made no room within its patience
     */
    public long commit(Transaction transaction) throws FsException {
        requireWritable();
        if (rows.full()) {
            sync();
            rows.awaitRoom();
        }
        FieldWriter prepared = TransactionRecord.prepare(transaction);
        commitLock.lock();
        try {
            requireWritable();
            JournalPoint before = end;
            VolumeCounters counters = transaction.after(before.counters());
            long sequence = before.sequence() + 1;
            int checksum = TransactionRecord.complete(
                    prepared, config.epoch(), sequence, before.checksum(), durable.through(), counters);
            framing.expect(transaction.introduced());
            LogPosition behind = append(new EntryKey(EntryKey.TRANSACTION, sequence), prepared.buffer());
            JournalPoint after = new JournalPoint(sequence, checksum, behind, counters);
            framing.appended(after);
            rows.add(new RowBatch(sequence, transaction.rows(), after.encode()));
            end = after;
            return sequence;
        } catch (IOException e) {
            throw failed("a transaction could not be written", e);
        } finally {
            commitLock.unlock();
        }
    }

    /** Appends an entry, in a new segment when it does not fit; under the commit lock. Returns the position behind it. */
    private LogPosition append(EntryKey key, ByteBuffer value) throws IOException {
        long entryBytes = (long) DataFormat.ENTRY_HEADER_BYTES + EntryKey.BYTES + value.remaining();
        LogPosition at = meta.end();
        if (framing.overfull()
                || at.offset() + entryBytes + framing.trailerBytes()
                        > config.meta().segmentSize()) {
            rollMeta();
        }
        sinceCheckpoint.addAndGet(entryBytes);
        Location location = meta.append(key.encode(), value);
        return new LogPosition(location.segment(), location.position() + entryBytes);
    }

    // ---------------------------------------------------------------------------------------------- syncing

    /**
     * Returns when everything that was committed, and everything that was appended to the data namespace, before this call is durable.
     *
     * @throws FsException EIO when that cannot be; the volume is read-only then
     */
    public void sync() throws FsException {
        requireIntact();
        if (config.mode() == JournalConfig.Mode.READ_ONLY) {
            return;
        }
        JournalPoint committed = end;
        try {
            syncLogs();
            LogPosition metaSynced = committed.position();
            advance(metaSynced, committed.sequence());
            framing.digest(metaSynced);
        } catch (IOException e) {
            throw failed("the volume could not be synced", e);
        }
    }

    private void advance(LogPosition metaSynced, long sequence) {
        durable.advance(new SyncedThrough(data.synced(), metaSynced), sequence);
        rows.durable(sequence);
    }

    private void syncLogs() throws IOException {
        if (data.end().equals(data.synced())) {
            meta.sync();
            return;
        }
        FutureTask<Boolean> dataSync = new FutureTask<>(() -> {
            data.sync();
            return true;
        });
        Thread.ofVirtual().name("qsfs-sync").start(dataSync);
        try {
            meta.sync();
        } finally {
            await(dataSync);
        }
    }

    private static void await(FutureTask<Boolean> task) throws IOException {
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SYNC_SECONDS);
        try {
            while (true) {
                try {
                    task.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    throw new IOException("the data namespace was not synced within " + SYNC_SECONDS + " s", e);
                } catch (ExecutionException e) {
                    throw e.getCause() instanceof IOException cause
                            ? new IOException("the data namespace could not be synced: " + cause.getMessage(), cause)
                            : new IOException("the data namespace could not be synced", e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether a {@link #sync} would have something to do. */
    public boolean unsynced() {
        return end.sequence() > durable.sequence() || !data.end().equals(data.synced());
    }

    /** What is known to be durable. */
    public SyncedThrough syncedThrough() {
        return durable.through();
    }

    // ---------------------------------------------------------------------------------------------- segments

    /**
     * Closes the active segments of both namespaces, first data, then meta. The next commit begins a new one.
     *
     * @return the meta segment that was closed; empty when it held nothing
     */
    public Optional<MetaRoll> roll() throws FsException {
        requireWritable();
        sync();
        commitLock.lock();
        try {
            requireWritable();
            data.roll();
            return rollMeta();
        } catch (IOException e) {
            throw failed("the active segments could not be closed", e);
        } finally {
            commitLock.unlock();
        }
    }

    private Optional<MetaRoll> rollMeta() throws IOException {
        JournalPoint last = end;
        if (meta.roll().isEmpty()) {
            return Optional.empty();
        }
        MetaRoll roll = framing.closed();
        advance(last.position(), last.sequence());
        for (JournalListener listener : listeners) {
            listener.metaSegmentClosed(roll);
        }
        return Optional.of(roll);
    }

    /** The closed segments of the chain behind segment {@code after} (-1: all), in order. Reads them; for after a restart. */
    public List<MetaRoll> closedSegments(int after) throws IOException {
        int newest = framing.newest();
        LogPosition appended = meta.end();
        boolean appends = config.mode() != JournalConfig.Mode.READ_ONLY && appended.offset() > DataFormat.HEADER_BYTES;
        int active = appends ? appended.segment() : -1;
        List<MetaRoll> rolls = new ArrayList<>();
        for (int segment : segments.chain(newest, after + 1)) {
            if (segment > after && segment != active) {
                rolls.add(ClosedSegment.read(segments, segment, repaired(segment)));
            }
        }
        return rolls;
    }

    /** Whether damage of a segment does no harm any more, because a checkpoint is made of what is left or stands behind it. */
    private boolean repaired(int segment) {
        CheckpointPointer newest = framing.checkpoint();
        return config.mode() == JournalConfig.Mode.REPAIR
                || (newest != null && segment < newest.start().segment());
    }

    /** The data namespace, for the filesystem to append to and read from. */
    public SegmentLog data() {
        return data;
    }

    /** The meta namespace, for publishing and eviction. Only the journal appends to it. */
    public SegmentLog meta() {
        return meta;
    }

    // ---------------------------------------------------------------------------------------------- checkpoints

    /** Whether the journal since the last checkpoint has outgrown it. */
    public boolean checkpointDue() {
        return sinceCheckpoint.get() > Math.max(CHECKPOINT_BYTES, checkpointBytes);
    }

    /**
     * Writes a copy of all rows, as of the last transaction before this call or a later one, into the meta namespace. Commits go on meanwhile.
     *
     * @return where it is; durable
     */
    public CheckpointPointer checkpoint() throws FsException {
        requireWritable();
        checkpointLock.lock();
        try {
            long wanted = end.sequence();
            sync();
            rows.awaitApplied(wanted);
            CheckpointWriter writer = new CheckpointWriter(rows, this::appendEntry);
            CheckpointWriter.Written written = writer.write();
            sync();
            framing.completed(written.pointer());
            checkpointBytes = written.bytes();
            sinceCheckpoint.set(0);
            return written.pointer();
        } finally {
            checkpointLock.unlock();
        }
    }

    /** The newest complete checkpoint. */
    public Optional<CheckpointPointer> lastCheckpoint() {
        return Optional.ofNullable(framing.checkpoint());
    }

    private LogPosition appendEntry(JournalEntry entry) throws FsException {
        ByteBuffer value = entry.encode();
        int length = value.remaining();
        commitLock.lock();
        try {
            requireWritable();
            LogPosition behind = append(entry.key(), value);
            return new LogPosition(
                    behind.segment(), behind.offset() - length - EntryKey.BYTES - DataFormat.ENTRY_HEADER_BYTES);
        } catch (IOException e) {
            throw failed("a checkpoint could not be written", e);
        } finally {
            commitLock.unlock();
        }
    }

    // ---------------------------------------------------------------------------------------------- state

    /** Sequence of the last transaction. */
    public long lastSequence() {
        return end.sequence();
    }

    /** Counters behind the last transaction. */
    public VolumeCounters counters() {
        return end.counters();
    }

    public void addListener(JournalListener listener) {
        listeners.add(listener);
    }

    /** Why the volume is read-only, null when it is not. */
    public @Nullable Throwable failure() {
        return failure.get();
    }

    /** Makes the volume read-only because of something that happened elsewhere: a lost lease, a higher epoch. */
    public void fail(String reason, Throwable cause) {
        failed(reason, cause);
    }

    private FsException failed(String reason, Throwable cause) {
        if (failure.compareAndSet(null, cause)) {
            log.error("the volume is read-only until it is mounted again: {}: {}", reason, cause.toString());
            for (JournalListener listener : listeners) {
                listener.failed(reason, cause);
            }
        }
        return cause instanceof FsException same
                ? same
                : new FsException(Errno.EIO, reason + ": " + cause.getMessage(), cause);
    }

    private void requireIntact() throws FsException {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new FsException(Errno.EIO, "the volume is read-only since it failed: " + cause.getMessage(), cause);
        }
    }

    private void requireWritable() throws FsException {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new FsException(Errno.EROFS, "the volume is read-only since it failed: " + cause.getMessage(), cause);
        }
        if (closed || config.mode() == JournalConfig.Mode.READ_ONLY) {
            throw new FsException(Errno.EROFS, closed ? "the volume is closed" : "the volume was opened read-only");
        }
    }

    // ---------------------------------------------------------------------------------------------- closing

    /** Closes the active segments, brings the index up to date and closes it. After a failure only releases what is open. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        try {
            if (failure.get() == null && config.mode() != JournalConfig.Mode.READ_ONLY) {
                roll();
                rows.awaitApplied(end.sequence());
            }
        } finally {
            closed = true;
            closeAll();
        }
    }

    private void closeAll() throws IOException {
        try {
            rows.close();
        } finally {
            try {
                closeMeta();
            } finally {
                data.close();
            }
        }
    }

    private void closeMeta() throws IOException {
        if (failure.get() == null) {
            meta.close();
            return;
        }
        framing.refuse();
        try {
            meta.close();
        } catch (IOException e) {
            // it had something to write, which a journal that failed must not do
            log.debug("the meta namespace was left as it is: {}", e.getMessage());
        }
    }

    /** Stops at once without writing anything more, as a crash would; for when another writer owns the volume. */
    public void abandon() {
        closed = true;
        rows.abandon();
    }
}
