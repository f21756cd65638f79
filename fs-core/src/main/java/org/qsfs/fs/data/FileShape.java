package org.qsfs.fs.data;

import java.util.List;
import java.util.function.UnaryOperator;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.inode.Metadata;

/**
 * Sizes and holes: truncate, punch, allocate, seek. All of it only edits extents and preallocations, in transactions of bounded size; a crash in between leaves a
 * shorter file that is not as short as it should become, or a hole that is not as long. Safe for many threads.
 */
final class FileShape {
    static final int KEEP_SIZE = 1;
    static final int PUNCH_HOLE = 2;
    static final int ZERO_RANGE = 16;

    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;

    private static final int BATCH = 4096;
    /** What stat(2) calls the block size. */
    private static final long BLOCK = 4096;

    private final Metadata metadata;
    private final Flusher flusher;
    private final ExtentCache extents;
    private final SpaceAccount space;

    FileShape(Metadata metadata, Flusher flusher, ExtentCache extents, SpaceAccount space) {
        this.space = space;
        this.metadata = metadata;
        this.flusher = flusher;
        this.extents = extents;
    }

    /**
     * Sets the size. What is cut away reads as zeros when the file grows again. Written bytes are in the log before: when the index cannot be read nothing is
     * lost. For an empty file none are needed, and they are forgotten after the transaction.
     *
     * @param also applied to the row in the last transaction
     */
    void resize(FileData file, long size, UnaryOperator<InodeRow> also) throws FsException {
        exclusively(file, () -> {
            if (size > 0) {
                flusher.flushAlone(file);
            }
            List<Long> batches = extents.batches(file.inode(), size, Long.MAX_VALUE, BATCH);
            for (int i = batches.size() - 1; i > 0; i--) {
                long end = i + 1 < batches.size() ? batches.get(i + 1) : Long.MAX_VALUE;
                shorten(file.inode(), batches.get(i), end, UnaryOperator.identity());
            }
            shorten(file.inode(), size, batches.size() > 1 ? batches.get(1) : Long.MAX_VALUE, also);
            flusher.discardAlone(file);
        });
    }

    /** fallocate(2) with the modes that are supported; arguments are checked. */
    void allocate(FileData file, long offset, long length, int mode, UnaryOperator<InodeRow> also) throws FsException {
        long end = offset + length;
        boolean punches = (mode & PUNCH_HOLE) != 0;
        exclusively(file, () -> {
            flusher.flushAlone(file);
            if (punches) {
                clearInBatches(file.inode(), offset, end, true);
            }
            ExtentEdit edit = new ExtentEdit(extents, metadata.inode(file.inode()));
            if (!punches) {
                edit.preallocate(offset, end);
            }
            long room = Math.max(0, edit.byteDelta());
            space.promiseUnwritten(room);
            try {
                metadata.run(change -> {
                    InodeRow row = change.inode(file.inode());
                    long size = (mode & KEEP_SIZE) != 0 ? row.size() : Math.max(row.size(), end);
                    change.put(also.apply(edit.applyTo(row, size).modifiedAt(change.now())));
                    edit.addTo(change);
                });
            } finally {
                space.settle(room);
            }
            if ((mode & ZERO_RANGE) != 0) {
                // room was promised before: that of the bytes that go now is not given back
                clearInBatches(file.inode(), offset, end, false);
            }
        });
    }

    private void clearInBatches(long inode, long from, long to, boolean release) throws FsException {
        List<Long> batches = extents.batches(inode, from, to, BATCH);
        for (int i = 0; i < batches.size(); i++) {
            clear(inode, batches.get(i), i + 1 < batches.size() ? batches.get(i + 1) : to, release);
        }
    }

    /**
     * lseek(2) with SEEK_DATA or SEEK_HOLE. A hole is told in whole blocks, as a filesystem of blocks does, though fewer bytes may be missing: programs take the
     * block for the smallest hole there is.
     */
    long seek(FileData file, long offset, int whence) throws FsException {
        flusher.flush(file);
        file.lock.readLock().lock();
        try {
            long size = file.size(metadata.inode(file.inode()));
            if (offset < 0 || offset >= size) {
                throw new FsException(Errno.ENXIO);
            }
            return whence == SEEK_DATA ? seekData(file.inode(), offset, size) : seekHole(file.inode(), offset, size);
        } finally {
            file.lock.readLock().unlock();
        }
    }

    private long seekData(long inode, long offset, long size) throws FsException {
        long block = blockOf(offset);
        if (!extents.overlapping(inode, block, endOfBlock(offset)).isEmpty()) {
            return offset;
        }
        ExtentRow next = extents.next(inode, offset, size);
        if (next == null) {
            throw new FsException(Errno.ENXIO);
        }
        return blockOf(next.offset());
    }

    private long seekHole(long inode, long offset, long size) throws FsException {
        long at = offset;
        while (at < size) {
            List<ExtentRow> data = extents.overlapping(inode, blockOf(at), endOfBlock(at));
            if (data.isEmpty()) {
                return at;
            }
            at = endOfBlock(Math.max(at, data.getLast().end() - 1));
        }
        return size;
    }

    private static long blockOf(long offset) {
        return offset & -BLOCK;
    }

    private static long endOfBlock(long offset) {
        long block = blockOf(offset);
        return block > Long.MAX_VALUE - BLOCK ? Long.MAX_VALUE : block + BLOCK;
    }

    /** One transaction: the file ends at {@code size}, and what is from there up to {@code to} is gone. */
    private void shorten(long inode, long size, long to, UnaryOperator<InodeRow> also) throws FsException {
        metadata.run(change -> {
            InodeRow row = change.inode(inode);
            ExtentEdit edit = new ExtentEdit(extents, row);
            if (to > size) {
                edit.release(size, to);
            }
            change.put(also.apply(edit.applyTo(row, size).modifiedAt(change.now())));
            edit.addTo(change);
        });
    }

    /** One transaction: the range becomes a hole. */
    private void clear(long inode, long from, long to, boolean release) throws FsException {
        metadata.run(change -> {
            InodeRow row = change.inode(inode);
            ExtentEdit edit = new ExtentEdit(extents, row);
            if (release) {
                edit.release(from, to);
            } else {
                edit.clear(from, to);
            }
            change.put(edit.applyTo(row, row.size()).modifiedAt(change.now()));
            edit.addTo(change);
        });
    }

    private interface Step {
        void run() throws FsException;
    }

    private void exclusively(FileData file, Step step) throws FsException {
        metadata.checkWritable();
        file.changeLock.lock();
        file.lockContent();
        try {
            step.run();
        } finally {
            file.unlockContent();
            file.changeLock.unlock();
        }
    }
}
