package org.qsfs.fs.check;

import java.util.function.Consumer;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.ExtentRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.rows.RowReader;

/** One walk over the inode rows, with extents, extended attributes and orphan rows beside them. */
final class InodeCheck {
    private final RowReader rows;
    private final Consumer<Finding> findings;
    private final Walk extents;
    private final Walk attributes;
    private final Walk orphans;

    long inodes;
    long directories;
    long highest;
    long extentCount;
    long bytes;

    InodeCheck(RowReader rows, Consumer<Finding> findings) throws FsException {
        this.rows = rows;
        this.findings = findings;
        this.extents = new Walk(rows, 'E');
        this.attributes = new Walk(rows, 'X');
        this.orphans = new Walk(rows, 'Z');
    }

    void run() throws FsException {
        Walk all = new Walk(rows, 'I');
        while (all.hasRow()) {
            long inode = all.first();
            strayBefore(inode);
            try {
                check(InodeRow.decode(inode, all.value()));
            } catch (FsException e) {
                findings.accept(Finding.error("inode " + inode, e.getMessage()));
                skip(inode);
            }
            all.next();
        }
        strayBefore(Long.MAX_VALUE);
    }

    private void check(InodeRow row) throws FsException {
        inodes++;
        highest = Math.max(highest, row.inode());
        String subject = "inode " + row.inode();
        if (row.isDirectory()) {
            directories++;
            checkDirectory(row, subject);
        }
        if (row.size() < 0) {
            findings.accept(Finding.error(subject, "size " + row.size()));
        }
        checkOrphan(row, subject);
        checkExtents(row, subject);
        int count = 0;
        while (attributes.isAt(row.inode())) {
            count++;
            attributes.next();
        }
        // an orphan that is being dropped loses its attributes before its row
        if (count != row.attributeCount() && row.links() > 0) {
            findings.accept(Finding.error(
                    subject,
                    "says that it has %d extended attributes, %d found".formatted(row.attributeCount(), count)));
        }
    }

    private void checkDirectory(InodeRow row, String subject) {
        if (row.nextCookie() < Rows.FIRST_COOKIE) {
            findings.accept(Finding.error(subject, "next cookie " + row.nextCookie()));
        }
        if (row.inode() == FileSystem.ROOT && row.parent() != FileSystem.ROOT) {
            findings.accept(Finding.error(subject, "the parent of the root is " + row.parent()));
        }
    }

    private void checkOrphan(InodeRow row, String subject) throws FsException {
        boolean orphan = orphans.isAt(row.inode());
        while (orphans.isAt(row.inode())) {
            orphans.next();
        }
        if (orphan != (row.links() == 0)) {
            findings.accept(Finding.error(
                    subject, "has %d links and is %sto be dropped".formatted(row.links(), orphan ? "" : "not ")));
        } else if (orphan) {
            findings.accept(Finding.warning(subject, "has no name; dropped when nobody uses it or at the next mount"));
        }
    }

    private void checkExtents(InodeRow row, String subject) throws FsException {
        long covered = 0;
        long end = 0;
        while (extents.isAt(row.inode())) {
            ExtentRow extent = ExtentRow.decode(extents.key(), extents.value());
            if (extent.offset() < end) {
                findings.accept(Finding.error(
                        subject,
                        "the extent at %d begins before %d, where the last one ends".formatted(extent.offset(), end)));
            }
            if (extent.end() > row.size() && row.links() > 0) {
                findings.accept(Finding.error(
                        subject,
                        "the extent at %d ends at %d, the file at %d"
                                .formatted(extent.offset(), extent.end(), row.size())));
            }
            end = extent.end();
            covered += extent.length() - row.preallocation().overlap(extent.offset(), extent.end());
            extentCount++;
            extents.next();
        }
        covered += row.preallocation().bytes();
        bytes += covered;
        if (covered != row.allocated()) {
            findings.accept(Finding.error(
                    subject,
                    "says that %d bytes are allocated, extents and preallocation cover %d"
                            .formatted(row.allocated(), covered)));
        }
        if (covered > 0 && row.type() != FileType.REGULAR) {
            findings.accept(Finding.error(subject, "is of type " + row.type() + " and has extents"));
        }
    }

    private void skip(long inode) throws FsException {
        for (Walk walk : new Walk[] {extents, attributes, orphans}) {
            while (walk.isAt(inode)) {
                walk.next();
            }
        }
    }

    private void strayBefore(long inode) throws FsException {
        for (Walk walk : new Walk[] {extents, attributes, orphans}) {
            while (walk.hasRow() && walk.first() < inode) {
                long stray = walk.first();
                findings.accept(Finding.error(
                        "inode " + stray, "does not exist and has a row in table " + (char) walk.key()[0]));
                while (walk.isAt(stray)) {
                    walk.next();
                }
            }
        }
    }
}
