package org.qsfs.fs.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.DamagedBlockListener;
import org.qsfs.fs.DamagedBlockListener.DamagedBlock;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.DataRecord;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.zdb.log.SegmentLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads ranges of records and checks every block of 4 KiB that it touches. A damaged block is EIO, unless the listener finds another copy. Safe for
 * many threads.
 */
final class BlockReader {
    private static final Logger LOG = LoggerFactory.getLogger(BlockReader.class);
    private static final int BLOCK = DataRecord.BLOCK;
    private static final int MOST_REPORTED = 10_000;

    private final SegmentLog log;
    private final DamagedBlockListener listener;
    private final ConcurrentHashMap<DamagedBlock, Boolean> reported = new ConcurrentHashMap<>();

    BlockReader(SegmentLog log, DamagedBlockListener listener) {
        this.log = log;
        this.listener = listener;
    }

    /** Fills {@code target} from {@code index} with the bytes {@code [from, to)} of the file, which the extent covers. */
    void read(long inode, ExtentRow extent, long from, long to, ByteBuffer target, int index) throws FsException {
        DamagedBlock damage = readOnce(inode, extent, from, to, target, index);
        if (damage != null && repaired(damage)) {
            damage = readOnce(inode, extent, from, to, target, index);
        }
        if (damage != null) {
            throw new FsException(Errno.EIO, damage.message());
        }
    }

    private @Nullable DamagedBlock readOnce(
            long inode, ExtentRow extent, long from, long to, ByteBuffer target, int index) throws FsException {
        try {
            return readChecked(inode, extent, from, to, target, index);
        } catch (FsException e) {
            // interrupted while it waited for a backend
            throw e;
        } catch (IOException e) {
            return new DamagedBlock(
                    inode,
                    from,
                    extent.record().segment(),
                    extent.record().position(),
                    "inode %d at %d: cannot read segment %d: %s"
                            .formatted(inode, from, extent.record().segment(), e.getMessage()));
        }
    }

    private @Nullable DamagedBlock readChecked(
            long inode, ExtentRow extent, long from, long to, ByteBuffer target, int index) throws IOException {
        int begin = extent.from() + (int) (from - extent.offset());
        int end = extent.from() + (int) (to - extent.offset());
        int length = extent.dataLength();
        int firstBlock = begin / BLOCK;
        int lastBlock = (end - 1) / BLOCK;
        ByteBuffer checksums = ByteBuffer.allocate((lastBlock - firstBlock + 1) * Integer.BYTES);
        log.read(extent.record(), DataRecord.checksumPosition(length, firstBlock), checksums);
        checksums.flip();

        int whole = begin % BLOCK == 0 ? begin : Math.min((firstBlock + 1) * BLOCK, length);
        int wholeEnd = end == length || end % BLOCK == 0 ? end : lastBlock * BLOCK;
        byte[] key = extent.key().encode();
        int bad = -1;
        if (begin < whole) {
            bad = readPart(extent, key, firstBlock, checksums.getInt(0), begin, Math.min(whole, end), target, index);
        }
        if (bad < 0 && whole < wholeEnd) {
            bad = readWhole(
                    extent,
                    key,
                    firstBlock,
                    checksums,
                    whole,
                    wholeEnd,
                    target.slice(index + whole - begin, wholeEnd - whole));
        }
        int tail = Math.max(wholeEnd, whole);
        if (bad < 0 && tail < end) {
            int checksum = checksums.getInt((lastBlock - firstBlock) * Integer.BYTES);
            bad = readPart(extent, key, lastBlock, checksum, tail, end, target, index + tail - begin);
        }
        return bad < 0 ? null : damage(inode, extent, bad);
    }

    /** Reads whole blocks into place. @return the first damaged block, or -1 */
    private int readWhole(
            ExtentRow extent, byte[] key, int firstBlock, ByteBuffer checksums, int begin, int end, ByteBuffer target)
            throws IOException {
        log.read(extent.record(), begin, target.duplicate());
        for (int at = begin; at < end; at += BLOCK) {
            ByteBuffer block = target.slice(at - begin, Math.min(BLOCK, end - at));
            int expected = checksums.getInt((at / BLOCK - firstBlock) * Integer.BYTES);
            if (DataRecord.checksum(key, at / BLOCK, block) != expected) {
                return at / BLOCK;
            }
        }
        return -1;
    }

    /** Reads a block to check it, and copies a part of it. @return the block when it is damaged, or -1 */
    private int readPart(
            ExtentRow extent, byte[] key, int block, int expected, int begin, int end, ByteBuffer target, int index)
            throws IOException {
        int start = block * BLOCK;
        ByteBuffer bytes = ByteBuffer.allocate(Math.min(BLOCK, extent.dataLength() - start));
        log.read(extent.record(), start, bytes);
        bytes.flip();
        if (DataRecord.checksum(key, block, bytes) != expected) {
            return block;
        }
        target.put(index, bytes, begin - start, end - begin);
        return -1;
    }

    private DamagedBlock damage(long inode, ExtentRow extent, int block) {
        long offset = extent.key().offset() + (long) block * BLOCK;
        String message =
                "inode %d: block %d of the record at %d of segment %d (inode %d, offset %d) has a wrong checksum"
                        .formatted(
                                inode,
                                block,
                                extent.record().position(),
                                extent.record().segment(),
                                extent.key().inode(),
                                offset);
        return new DamagedBlock(
                inode, offset, extent.record().segment(), extent.record().position(), message);
    }

    private boolean repaired(DamagedBlock damage) {
        if (reported.size() < MOST_REPORTED && reported.putIfAbsent(damage, true) == null) {
            LOG.error(damage.message());
        }
        return listener.damaged(damage);
    }
}
