package org.qsfs.fs.data;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.inode.Change;
import org.qsfs.fs.inode.Metadata;
import org.qsfs.fs.rows.RowCursor;

/** Drops the rows of inodes that have no name and that nobody refers to: many small ones in one transaction, a big one in many. */
final class Reclaimer {
    private static final int ROWS_PER_TRANSACTION = 8192;

    private final Metadata metadata;

    Reclaimer(Metadata metadata) {
        this.metadata = metadata;
    }

    /** Hands over what the last mount left behind. */
    void findOrphans() throws FsException {
        RowCursor cursor = metadata.rows().scan(Rows.tableStart('Z'), Rows.tableEnd('Z'));
        while (cursor.next()) {
            metadata.orphans().orphaned(Rows.first(cursor.key()));
        }
    }

    void drop(Collection<Long> inodes) throws FsException {
        Deque<Long> left = new ArrayDeque<>(inodes);
        while (!left.isEmpty()) {
            metadata.run(change -> {
                int budget = ROWS_PER_TRANSACTION;
                while (budget > 0 && !left.isEmpty()) {
                    budget -= dropSome(change, left.peek(), budget);
                    if (budget > 0) {
                        left.poll();
                    }
                }
            });
        }
    }

    /** Drops rows of an inode; all of them when the result is less than {@code budget}. */
    private int dropSome(Change change, long inode, int budget) throws FsException {
        InodeRow row = metadata.find(inode);
        if (row == null || row.links() > 0 || metadata.orphans().isReferenced(inode)) {
            return 1;
        }
        int dropped = 1;
        long bytes = 0;
        RowCursor extents = metadata.rows().scan(Rows.extentKey(inode, 0), Rows.endOf('E', inode));
        while (dropped < budget && extents.next()) {
            ExtentRow extent = ExtentRow.decode(extents.key(), extents.value());
            change.delete(extents.key());
            if (extent.isForeign(inode)) {
                change.delete(Rows.sharedKey(
                        extent.record().segment(), extent.record().offset(), inode, extent.offset()));
            }
            bytes += extent.length() - row.preallocation().overlap(extent.offset(), extent.end());
            dropped++;
        }
        RowCursor attributes = metadata.rows().scan(Rows.attributeKey(inode, new byte[0]), Rows.endOf('X', inode));
        while (dropped < budget && attributes.next()) {
            change.delete(attributes.key());
            dropped++;
        }
        if (dropped < budget) {
            change.countBytes(-bytes - row.preallocation().bytes());
            change.dropInode(inode);
        } else {
            change.countBytes(-bytes);
            change.put(row.withSize(0, row.allocated() - bytes).withAttributeCount(0));
        }
        return dropped;
    }
}
