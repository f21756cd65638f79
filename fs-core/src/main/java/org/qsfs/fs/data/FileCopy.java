package org.qsfs.fs.data;

import java.util.List;
import java.util.function.UnaryOperator;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.inode.Metadata;

/** Copies ranges between files by letting the target refer to the records of the source. Safe for many threads. */
final class FileCopy {
    /** Bytes that one transaction copies, at most. */
    private static final long STEP = 32L << 20;
    /** Extents that one transaction copies, and extents that it replaces, at most. */
    private static final int MOST_EXTENTS = 4096;

    private final Metadata metadata;
    private final Flusher flusher;
    private final ExtentCache extents;
    private final SpaceAccount space;

    FileCopy(Metadata metadata, Flusher flusher, ExtentCache extents, SpaceAccount space) {
        this.metadata = metadata;
        this.flusher = flusher;
        this.extents = extents;
        this.space = space;
    }

    /**
     * copy_file_range(2).
     *
     * @param also applied to the target's row
     * @return bytes copied; fewer than asked for at the end of the source
     */
    long copy(FileData from, long fromOffset, FileData to, long toOffset, long length, UnaryOperator<InodeRow> also)
            throws FsException {
        metadata.checkWritable();
        FileData first = from.inode() <= to.inode() ? from : to;
        FileData second = first == from ? to : from;
        first.changeLock.lock();
        second.changeLock.lock();
        first.lockContent();
        second.lockContent();
        try {
            flusher.flushAlone(from);
            flusher.flushAlone(to);
            return copyAlone(from.inode(), fromOffset, to.inode(), toOffset, length, also);
        } finally {
            second.unlockContent();
            first.unlockContent();
            second.changeLock.unlock();
            first.changeLock.unlock();
        }
    }

    private long copyAlone(
            long from, long fromOffset, long to, long toOffset, long length, UnaryOperator<InodeRow> also)
            throws FsException {
        long total = Math.min(length, metadata.inode(from).size() - fromOffset);
        if (total <= 0) {
            return 0;
        }
        if (toOffset > Long.MAX_VALUE - total) {
            throw new FsException(Errno.EFBIG);
        }
        if (from == to && fromOffset < toOffset + total && toOffset < fromOffset + total) {
            throw new FsException(Errno.EINVAL, "the ranges overlap");
        }
        long done = 0;
        while (done < total) {
            long most = Math.min(STEP, total - done);
            done += step(from, fromOffset + done, to, toOffset + done, most, also);
        }
        return total;
    }

    /** @return bytes copied */
    private long step(long from, long fromOffset, long to, long toOffset, long most, UnaryOperator<InodeRow> also)
            throws FsException {
        long length = Math.min(
                extents.boundedEnd(from, fromOffset, fromOffset + most, MOST_EXTENTS) - fromOffset,
                extents.boundedEnd(to, toOffset, toOffset + most, MOST_EXTENTS) - toOffset);
        long end = fromOffset + length;
        List<ExtentRow> source = extents.overlapping(from, fromOffset, end);
        long bytes = 0;
        for (ExtentRow extent : source) {
            bytes += Math.min(end, extent.end()) - Math.max(fromOffset, extent.offset());
        }
        if (!space.promise(bytes)) {
            throw space.exceeded();
        }
        try {
            metadata.run(change -> {
                InodeRow row = change.inode(to);
                ExtentEdit edit = new ExtentEdit(extents, row);
                edit.clear(toOffset, toOffset + length);
                for (ExtentRow extent : source) {
                    ExtentRow part = extent.part(Math.max(fromOffset, extent.offset()), Math.min(end, extent.end()));
                    ExtentRow copy = part.movedTo(part.offset() - fromOffset + toOffset);
                    edit.replace(copy);
                    ExtentEdit.share(change, to, copy);
                }
                InodeRow copied = edit.applyTo(row, Math.max(row.size(), toOffset + length));
                change.put(also.apply(copied.modifiedAt(change.now())));
                edit.addTo(change);
            });
        } finally {
            space.settle(bytes);
        }
        return length;
    }
}
