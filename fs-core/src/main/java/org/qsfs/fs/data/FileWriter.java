package org.qsfs.fs.data;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.Preallocation;
import org.qsfs.fs.inode.Metadata;

/**
 * Takes written bytes. A writer waits for room (memory, quota, disk) before it takes any lock. {@link WriteBehind} moves them into the log when a record's worth is complete or there are
 * many; the writer does so itself when that does not run or keep up, or memory is short. Safe for many threads.
 */
final class FileWriter {
    /** Most bytes that one step takes; a longer write is several steps. */
    private static final int LONGEST_STEP = 4 << 20;
    /** A file with more written bytes than this is to be flushed. */
    private static final long DUE_AT = 8 << 20;
    /** The writer of a file with more written bytes than this waits for {@link WriteBehind}, which does not keep up. */
    private static final long WAIT_AT = 32 << 20;
    /** That long, then it flushes the file itself. */
    private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(5);

    private static final long PATIENCE_MILLIS = 60_000;

    private final int step;
    private final Metadata metadata;
    private final FileTable files;
    private final PagePool pool;
    private final SpaceAccount space;
    private final Flusher flusher;
    private final ExtentCache extents;
    private final WriteBehind writeBehind;

    FileWriter(
            Metadata metadata,
            FileTable files,
            PagePool pool,
            SpaceAccount space,
            Flusher flusher,
            ExtentCache extents,
            WriteBehind writeBehind) {
        this.writeBehind = writeBehind;
        // a quarter of the memory: what a step needs fits whatever others hold, once they are flushed
        this.step = (int) Math.min(LONGEST_STEP, pool.bytes() / 4);
        this.metadata = metadata;
        this.files = files;
        this.pool = pool;
        this.space = space;
        this.flusher = flusher;
        this.extents = extents;
    }

    /**
     * Writes all of {@code source} at an offset, or at the end of the file.
     *
     * @param append ignores the offset; no other writer comes between finding the end and writing there
     */
    int write(FileData file, long offset, boolean append, ByteBuffer source) throws FsException {
        int total = source.remaining();
        if (offset < 0) {
            throw new FsException(Errno.EINVAL, "offset " + offset);
        }
        if (!append && offset > Long.MAX_VALUE - total) {
            throw new FsException(Errno.EFBIG);
        }
        int end = source.limit();
        long at = offset;
        while (source.hasRemaining()) {
            int count = Math.min(source.remaining(), step);
            source.limit(source.position() + count);
            try {
                takeStep(file, at, append, source);
            } finally {
                source.limit(end);
            }
            at += count;
        }
        return total;
    }

    private void takeStep(FileData file, long offset, boolean append, ByteBuffer source) throws FsException {
        metadata.checkWritable();
        int count = source.remaining();
        space.reserveDisk(count);
        long promised = promise(file, append ? Long.MAX_VALUE - count : offset, count);
        boolean full;
        long dirty;
        try (PagePool.Lease lease = lease(file, DirtyRanges.pagesFor(count))) {
            file.dirtyLock.lock();
            try {
                InodeRow row = metadata.inode(file.inode());
                long size = file.size(row);
                long at = append ? size : offset;
                if (at > Long.MAX_VALUE - count) {
                    throw new FsException(Errno.EFBIG);
                }
                full = file.write(at, source, Math.max(size, at + count), metadata.now(), promised, lease);
                dirty = file.dirtyBytes();
                promised = 0;
            } finally {
                file.dirtyLock.unlock();
            }
        } finally {
            space.settle(promised);
        }
        boolean due = full || dirty >= DUE_AT;
        if (due && !(writeBehind.take(file) && (dirty < WAIT_AT || takenInTime(file)))) {
            flusher.flush(file);
        }
    }

    private static boolean takenInTime(FileData file) {
        try {
            return file.awaitTaken(WAIT_AT, LONGEST_WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private PagePool.Lease lease(FileData file, int pages) throws FsException {
        Optional<PagePool.Lease> lease = pool.tryAcquire(pages);
        if (lease.isPresent()) {
            return lease.get();
        }
        flusher.flush(file);
        for (long inode : files.dirty()) {
            lease = pool.tryAcquire(pages);
            if (lease.isPresent()) {
                return lease.get();
            }
            FileData other = files.acquire(inode);
            try {
                flusher.flush(other);
            } finally {
                files.release(other);
            }
        }
        return pool.acquire(pages, PATIENCE_MILLIS);
    }

    /** Promises room for bytes; when that is short, only for those that are not there yet. */
    private long promise(FileData file, long offset, int count) throws FsException {
        if (space.promise(count)) {
            return count;
        }
        flusher.flush(file);
        long end = offset + count;
        long missing;
        file.lock.readLock().lock();
        try {
            Preallocation promised = metadata.inode(file.inode()).preallocation();
            missing = count - promised.overlap(offset, end);
            for (ExtentRow extent : extents.overlapping(file.inode(), offset, end)) {
                long from = Math.max(extent.offset(), offset);
                long to = Math.min(extent.end(), end);
                missing -= to - from - promised.overlap(from, to);
            }
        } finally {
            file.lock.readLock().unlock();
        }
        if (!space.promise(missing)) {
            throw space.exceeded();
        }
        return missing;
    }
}
