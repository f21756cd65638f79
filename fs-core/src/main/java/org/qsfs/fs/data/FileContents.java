package org.qsfs.fs.data;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.function.UnaryOperator;
import org.qsfs.fs.DamagedBlockListener;
import org.qsfs.fs.FsException;
import org.qsfs.fs.SpaceReservation;
import org.qsfs.fs.data.FileData.Pending;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.inode.Metadata;
import org.qsfs.zdb.log.SegmentLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content of regular files. Callers have checked permissions and arguments. Safe for many threads.
 *
 * <p>Where a method takes a function {@code also}, it is applied to the inode row in the transaction that changes the content.
 */
public final class FileContents {
    private static final Logger LOG = LoggerFactory.getLogger(FileContents.class);

    private final Metadata metadata;
    private final PagePool pool;
    private final FileTable files;
    private final SpaceAccount space;
    private final Flusher flusher;
    private final FileReader reader;
    private final WriteBehind writeBehind;
    private final FileWriter writer;
    private final FileShape shape;
    private final FileCopy copy;
    private final Reclaimer reclaimer;

    /**
     * @param dirtyBytes memory for written bytes that are not in the log
     * @param cachedExtents about how many extents are kept decoded
     * @param quota bytes that extents may cover, {@link Long#MAX_VALUE} for no quota
     */
    public record Limits(long dirtyBytes, int cachedExtents, long quota) {}

    public FileContents(
            Metadata metadata,
            SegmentLog log,
            Limits limits,
            SpaceReservation reservation,
            DamagedBlockListener damage) {
        ExtentCache extents = new ExtentCache(metadata.rows(), limits.cachedExtents());
        this.metadata = metadata;
        this.pool = new PagePool(limits.dirtyBytes());
        this.files = new FileTable(pool);
        this.space = new SpaceAccount(metadata, limits.quota(), reservation);
        this.flusher = new Flusher(metadata, log, extents, space);
        this.reader = new FileReader(metadata, extents, new BlockReader(log, damage));
        this.writeBehind = new WriteBehind(files, flusher);
        this.writer = new FileWriter(metadata, files, pool, space, flusher, extents, writeBehind);
        this.shape = new FileShape(metadata, flusher, extents, space);
        this.copy = new FileCopy(metadata, flusher, extents, space);
        this.reclaimer = new Reclaimer(metadata);
    }

    /** From now on a thread moves complete records into the log. */
    public void startWriteBehind() {
        writeBehind.start();
    }

    /** Returns when that thread has ended. */
    public void stopWriteBehind() {
        writeBehind.stop();
    }

    /** Begins to use a file; end with {@link #release}. */
    public FileData acquire(long inode) {
        return files.acquire(inode);
    }

    /** Ends the use of a file: moves what it has written into the log. A failure has made the volume read-only and is not reported again here. */
    public void release(FileData file) {
        try {
            flusher.flush(file);
        } catch (FsException e) {
            LOG.error("written bytes of inode {} are lost: {}", file.inode(), e.getMessage());
            // nothing can be written any more: give the memory back
            file.lockContent();
            try {
                space.settle(file.discard());
            } finally {
                file.unlockContent();
            }
        } finally {
            files.release(file);
        }
    }

    /** Reads into {@code target}; 0 at or behind the end of the file. */
    public int read(FileData file, long offset, ByteBuffer target) throws FsException {
        return reader.read(file, offset, target);
    }

    /** Writes all of {@code source}, at the end of the file when {@code append}. */
    public int write(FileData file, long offset, boolean append, ByteBuffer source) throws FsException {
        return writer.write(file, offset, append, source);
    }

    /** Moves written bytes into the log; not durable before the journal is synced. */
    public void flush(FileData file) throws FsException {
        flusher.flush(file);
    }

    /** The same for an inode that may not be in use. */
    public void flush(long inode) throws FsException {
        FileData file = files.find(inode);
        if (file != null && file.isDirty()) {
            flusher.flush(file);
        }
    }

    /** Moves everything that was written before the call into the log. */
    public void flushAll() throws FsException {
        for (long inode : files.dirty()) {
            flush(inode);
        }
    }

    public void resize(FileData file, long size, UnaryOperator<InodeRow> also) throws FsException {
        shape.resize(file, size, also);
    }

    /** fallocate(2); {@code offset} and {@code length} positive, the end not beyond the largest file. */
    public void allocate(FileData file, long offset, long length, int mode, UnaryOperator<InodeRow> also)
            throws FsException {
        shape.allocate(file, offset, length, mode, also);
    }

    public long seek(FileData file, long offset, int whence) throws FsException {
        return shape.seek(file, offset, whence);
    }

    public long copy(
            FileData from, long fromOffset, FileData to, long toOffset, long length, UnaryOperator<InodeRow> also)
            throws FsException {
        return copy.copy(from, fromOffset, to, toOffset, length, also);
    }

    /** The row with size and times as everybody sees them. */
    public InodeRow visible(long inode) throws FsException {
        FileData file = files.find(inode);
        // first what is ahead, then the row: a flush in between is in the row
        Pending ahead = file == null ? null : file.pending();
        InodeRow row = metadata.accessTimes().applyTo(metadata.inode(inode));
        if (ahead == null) {
            return row;
        }
        // programs take a file with fewer blocks than bytes for a sparse one, so bytes in memory count
        long allocated = Math.min(row.allocated() + ahead.bytes(), Math.max(row.allocated(), ahead.size()));
        return row.withSize(ahead.size(), allocated).withTimes(FileTimes.written(row.times(), ahead.modified()));
    }

    /** Hands orphans of the last mount over to {@link #dropOrphans}. */
    public void findOrphans() throws FsException {
        reclaimer.findOrphans();
    }

    /** Drops the rows of inodes that have no name, unless somebody refers to them again. */
    public void dropOrphans(Collection<Long> inodes) throws FsException {
        reclaimer.drop(inodes);
    }

    /** Asks for room on the disk for a change of metadata. */
    public void reserveDisk(long bytes) throws FsException {
        space.reserveDisk(bytes);
    }

    /** Memory that holds written bytes which are not in the log. */
    public long dirtyBytes() {
        return pool.usedBytes();
    }

    /** What {@code df} shows as the size of the volume. */
    public long totalBytes() {
        return space.totalBytes();
    }
}
