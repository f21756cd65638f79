package org.qsfs.fs.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.qsfs.fs.FsException;
import org.qsfs.fs.data.FileData.Frozen;
import org.qsfs.fs.format.DataRecord;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.inode.Metadata;
import org.qsfs.zdb.format.ZdbCrc;
import org.qsfs.zdb.log.Location;
import org.qsfs.zdb.log.SegmentLog;

/**
 * Moves written bytes into the log: appends data records, then makes them part of the file in one transaction together with size and time, so
 * that a crash shows the bytes or the old file, never zeros. A flush of very many pieces is several transactions, in order of the file.
 *
 * <p>Not durable: that is the journal's sync. When a flush fails, for whatever reason, the volume becomes read-only and the bytes stay readable until it is closed.
 */
final class Flusher {
    private static final int MOST_PIECES = 8192;

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

    /** A record that was appended. */
    private record Piece(ExtentRow extent, int crc) {}

    /** Flushes everything that is dirty when it begins. */
    void flush(FileData file) throws FsException {
        file.changeLock.lock();
        try {
            flushAlone(file);
        } finally {
            file.changeLock.unlock();
        }
    }

    /** The same for who holds changeLock, and perhaps lock for writing. */
    void flushAlone(FileData file) throws FsException {
        if (!file.isDirty()) {
            return;
        }
        metadata.checkWritable();
        Frozen frozen;
        file.lock.writeLock().lock();
        try {
            frozen = file.freeze();
        } finally {
            file.lock.writeLock().unlock();
        }
        if (frozen == null) {
            return;
        }
        try {
            introduce(file, frozen, append(file.inode(), frozen.ranges()));
        } catch (FsException e) {
            throw metadata.fail(e);
        } catch (RuntimeException e) {
            throw metadata.fail(new IOException("written bytes of inode " + file.inode() + " were not flushed", e));
        }
    }

    private void introduce(FileData file, Frozen frozen, List<Piece> pieces) throws FsException {
        file.lock.writeLock().lock();
        try {
            int done = 0;
            do {
                int end = Math.min(pieces.size(), done + MOST_PIECES);
                commit(file.inode(), pieces.subList(done, end), frozen, end == pieces.size());
                done = end;
            } while (done < pieces.size());
            file.flushed(frozen);
            space.settle(frozen.reserved());
        } finally {
            file.lock.writeLock().unlock();
        }
    }

    private void commit(long inode, List<Piece> pieces, Frozen frozen, boolean last) throws FsException {
        metadata.run(change -> {
            InodeRow row = change.inode(inode);
            ExtentEdit edit = new ExtentEdit(extents, inode);
            long size = row.size();
            for (Piece piece : pieces) {
                edit.replace(piece.extent());
                change.introduces(
                        piece.extent().record(),
                        piece.crc(),
                        piece.extent().key().sequence());
                size = Math.max(size, piece.extent().end());
            }
            if (last) {
                size = frozen.pending().size();
            }
            change.put(row.withSize(size, row.allocated() + edit.byteDelta())
                    .withTimes(FileTimes.written(row.times(), frozen.pending().modified())));
            edit.addTo(change);
        });
    }

    private List<Piece> append(long inode, DirtyRanges ranges) throws FsException {
        List<Piece> pieces = new ArrayList<>();
        List<ByteBuffer> parts = new ArrayList<>();
        long start = 0;
        long end = 0;
        for (DirtyRange range : ranges.ranges()) {
            boolean joins = range.start() == end && range.end() - start <= DataRecord.MAX_DATA;
            if (!joins && !parts.isEmpty()) {
                pieces.add(append(inode, start, (int) (end - start), parts));
                parts.clear();
            }
            if (parts.isEmpty()) {
                start = range.start();
            }
            parts.addAll(range.buffers());
            end = range.end();
        }
        if (!parts.isEmpty()) {
            pieces.add(append(inode, start, (int) (end - start), parts));
        }
        return pieces;
    }

    private Piece append(long inode, long offset, int length, List<ByteBuffer> parts) throws FsException {
        DataRecord.Key key = new DataRecord.Key(inode, offset, metadata.nextSequence());
        byte[] keyBytes = key.encode();
        ByteBuffer[] data = parts.toArray(ByteBuffer[]::new);
        ByteBuffer checksums = DataRecord.checksums(keyBytes, data);
        parts.add(checksums);
        ByteBuffer[] value = parts.toArray(ByteBuffer[]::new);
        int crc = ZdbCrc.of(value);
        try {
            Location record = log.append(keyBytes, value);
            return new Piece(new ExtentRow(offset, length, key, record, 0), crc);
        } catch (IOException e) {
            throw metadata.fail(e);
        }
    }
}
