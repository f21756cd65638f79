package org.qsfs.fs.data;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.fs.FsException;
import org.qsfs.fs.data.DirtyRanges.Gap;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.inode.Metadata;

/** Reads files: written bytes that are not in the log first, then extents; the rest is zeros. Safe for many threads. */
final class FileReader {
    private static final byte[] ZEROS = new byte[4096];

    private final Metadata metadata;
    private final ExtentCache extents;
    private final BlockReader blocks;

    FileReader(Metadata metadata, ExtentCache extents, BlockReader blocks) {
        this.metadata = metadata;
        this.extents = extents;
        this.blocks = blocks;
    }

    /** A range of the file that an extent covers. */
    private record Piece(ExtentRow extent, long from, long to) {}

    /**
     * Fills {@code target} as far as the file goes. What it finds is the file at one moment; the log is read without locks.
     *
     * @return bytes read
     */
    int read(FileData file, long offset, ByteBuffer target) throws FsException {
        int index = target.position();
        int count;
        List<Piece> pieces = new ArrayList<>(2);
        file.lock.readLock().lock();
        try {
            InodeRow row = metadata.inode(file.inode());
            long left = file.size(row) - offset;
            if (left <= 0) {
                return 0;
            }
            count = (int) Math.min(target.remaining(), left);
            for (Gap gap : readDirty(file, offset, offset + count, target, index)) {
                plan(file.inode(), gap, target, index + (int) (gap.from() - offset), pieces);
            }
        } finally {
            file.lock.readLock().unlock();
        }
        for (Piece piece : pieces) {
            blocks.read(
                    file.inode(),
                    piece.extent(),
                    piece.from(),
                    piece.to(),
                    target,
                    index + (int) (piece.from() - offset));
        }
        target.position(index + count);
        return count;
    }

    private static List<Gap> readDirty(FileData file, long from, long to, ByteBuffer target, int index) {
        file.dirtyLock.lock();
        try {
            return file.readDirty(from, to, target, index);
        } finally {
            file.dirtyLock.unlock();
        }
    }

    /** Notes what to read from the log, and fills holes with zeros. */
    private void plan(long inode, Gap gap, ByteBuffer target, int index, List<Piece> pieces) throws FsException {
        long at = gap.from();
        for (ExtentRow extent : extents.overlapping(inode, gap.from(), gap.to())) {
            if (extent.offset() > at) {
                zero(target, index + (int) (at - gap.from()), (int) (extent.offset() - at));
                at = extent.offset();
            }
            long end = Math.min(extent.end(), gap.to());
            pieces.add(new Piece(extent, at, end));
            at = end;
        }
        zero(target, index + (int) (at - gap.from()), (int) (gap.to() - at));
    }

    private static void zero(ByteBuffer target, int index, int count) {
        for (int done = 0; done < count; done += ZEROS.length) {
            target.put(index + done, ZEROS, 0, Math.min(ZEROS.length, count - done));
        }
    }
}
