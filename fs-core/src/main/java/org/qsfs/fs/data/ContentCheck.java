package org.qsfs.fs.data;

import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import org.qsfs.fs.DamagedBlockListener;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.DataRecord;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.rows.RowCursor;
import org.qsfs.fs.rows.RowReader;
import org.qsfs.zdb.log.SegmentLog;

/** Reads the content of all files and checks every block, in the order of inodes. Files may change meanwhile. */
public final class ContentCheck {
    private final RowReader rows;
    private final BlockReader blocks;

    public ContentCheck(RowReader rows, SegmentLog log, DamagedBlockListener damage) {
        this.rows = rows;
        this.blocks = new BlockReader(log, damage);
    }

    /**
     * @param damaged told the inode and what is wrong, for each extent that cannot be read
     * @return bytes that were checked and found right
     */
    public long run(BiConsumer<Long, String> damaged) throws FsException {
        ByteBuffer target = ByteBuffer.allocateDirect(DataRecord.MAX_DATA);
        long right = 0;
        RowCursor cursor = rows.scan(Rows.tableStart('E'), Rows.tableEnd('E'));
        while (cursor.next()) {
            long inode = Rows.first(cursor.key());
            try {
                ExtentRow extent = ExtentRow.decode(cursor.key(), cursor.value());
                blocks.read(inode, extent, extent.offset(), extent.end(), target, 0);
                right += extent.length();
            } catch (FsException e) {
                if (rows.get(cursor.key()) != null) {
                    damaged.accept(inode, e.getMessage());
                }
            }
        }
        return right;
    }
}
