package org.qsfs.fs.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.data.FileData.Frozen;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.inode.Metadata;
import org.qsfs.zdb.log.SegmentLog;

/**
 * Moves written bytes into the log: appends data records, then makes them part of the file in one transaction together with size and time, so
 * that a crash shows the bytes or the old file, never zeros. A flush that changes very many extents is several transactions, in order of the file.
 *
 * <p>Not durable: that is the journal's sync. When a flush fails, whatever the reason, the volume becomes read-only: its bytes were acknowledged and
 * are in no transaction, so no later fsync may succeed. They stay readable until the file is closed.
 */
final class Flusher {
    /** A transaction that changes so many extents is full. */
    private static final int MOST_CHANGES = 8192;
    /** Most extents that a part of a piece replaces; a piece over more of them is committed in parts. */
    private static final int MOST_REPLACED = 4096;

    private final Metadata metadata;
    private final SegmentLog log;
    private final ExtentCache extents;
    private final SpaceAccount space;

    Flusher(Metadata metadata, SegmentLog log, ExtentCache extents, SpaceAccount space) {
        this.metadata = metadata;
        this.log = log;
        this.extents = extents;
        this.space = space;
    }

    /** A record that was appended, or the part of it that is not committed yet. */
    record Piece(ExtentRow extent, int crc) {}

    /** Flushes everything that is dirty when it begins. */
    void flush(FileData file) throws FsException {
        file.changeLock.lock();
        try {
            flushAlone(file);
        } finally {
            file.changeLock.unlock();
        }
    }

    /** The same for who holds changeLock, and perhaps the others. */
    void flushAlone(FileData file) throws FsException {
        if (!file.isDirty()) {
            return;
        }
        metadata.checkWritable();
        Frozen frozen;
        file.dirtyLock.lock();
        try {
            frozen = file.freeze();
        } finally {
            file.dirtyLock.unlock();
        }
        if (frozen == null) {
            return;
        }
        try {
            move(file, frozen);
        } catch (FsException | RuntimeException | Error e) {
            throw metadata.fail(new FsException(
                    Errno.EIO, "written bytes of inode " + file.inode() + " did not get into the log: " + e, e));
        }
    }

    /** Forgets what is dirty, for who holds all locks of the file. */
    void discardAlone(FileData file) {
        space.settle(file.discard());
    }

    private void move(FileData file, Frozen frozen) throws FsException {
        Deque<Piece> left = append(file.inode(), frozen.ranges());
        do {
            commit(file, left, frozen);
        } while (!left.isEmpty());
        file.dirtyLock.lock();
        try {
            file.flushed();
        } finally {
            file.dirtyLock.unlock();
        }
        frozen.ranges().clear();
        space.settle(frozen.reserved());
    }

    /** One transaction: as many of the first pieces as fit, which are taken away. Readers see what is being flushed in memory until all of it is committed. */
    private void commit(FileData file, Deque<Piece> left, Frozen frozen) throws FsException {
        long inode = file.inode();
        List<Piece> pieces = new ArrayList<>();
        ExtentEdit edit = new ExtentEdit(extents, metadata.inode(inode));
        long end = 0;
        while (!left.isEmpty() && edit.size() < MOST_CHANGES) {
            Piece piece = takePart(inode, left);
            edit.replace(piece.extent());
            pieces.add(piece);
            end = piece.extent().end();
        }
        long reached = end;
        file.lock.writeLock().lock();
        try {
            metadata.run(change -> {
                InodeRow row = change.inode(inode);
                for (Piece piece : pieces) {
                    change.introduces(
                            piece.extent().record(),
                            piece.crc(),
                            piece.extent().key().sequence());
                }
                long size = left.isEmpty() ? frozen.pending().size() : Math.max(row.size(), reached);
                change.put(edit.applyTo(row, size)
                        .withTimes(
                                FileTimes.written(row.times(), frozen.pending().modified())));
                edit.addTo(change);
            });
        } finally {
            file.lock.writeLock().unlock();
        }
    }

    /** Takes the first piece, or what of it replaces few enough extents; the rest becomes the first. */
    private Piece takePart(long inode, Deque<Piece> left) throws FsException {
        Piece piece = left.remove();
        ExtentRow extent = piece.extent();
        if (extent.length() <= MOST_REPLACED) {
            return piece;
        }
        long end = extents.boundedEnd(inode, extent.offset(), extent.end(), MOST_REPLACED);
        if (end == extent.end()) {
            return piece;
        }
        left.push(new Piece(extent.part(end, extent.end()), piece.crc()));
        return new Piece(extent.part(extent.offset(), end), piece.crc());
    }

    private Deque<Piece> append(long inode, DirtyRanges ranges) throws FsException {
        RecordAppender appender = new RecordAppender(inode, log, metadata::nextSequence);
        try {
            for (DirtyRange range : ranges.ranges()) {
                appender.add(range);
            }
            return appender.end();
        } catch (IOException e) {
            throw metadata.fail(e);
        }
    }
}
