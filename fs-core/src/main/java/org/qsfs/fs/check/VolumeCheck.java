package org.qsfs.fs.check;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.qsfs.fs.DamagedBlockListener;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fs.data.ContentCheck;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.journal.VolumeCounters;
import org.qsfs.fs.rows.RowReader;
import org.qsfs.zdb.log.SegmentLog;

/** Checks everything that the rows of a volume say about each other. The rows must not change meanwhile. */
public final class VolumeCheck {
    private static final int KNOWN_DIRECTORIES = 100_000;

    private final RowReader rows;
    private final VolumeCounters counters;
    private long found;

    public VolumeCheck(RowReader rows, VolumeCounters counters) {
        this.rows = rows;
        this.counters = counters;
    }

    /** Looks at all rows and hands out what is wrong while it goes. */
    public CheckSummary run(Consumer<Finding> listener) throws FsException {
        found = 0;
        Consumer<Finding> findings = finding -> {
            found++;
            listener.accept(finding);
        };
        InodeCheck inodes = new InodeCheck(rows, findings);
        inodes.run();
        NameCheck names = new NameCheck(rows, findings);
        names.run(Math.max(inodes.highest, counters.nextInode() - 1));
        checkTree(findings);
        checkCounters(inodes, findings);
        return new CheckSummary(
                inodes.inodes, inodes.directories, names.names, inodes.extentCount, inodes.bytes, 0, found);
    }

    /**
     * Reads all content and hands out what cannot be read. Files may change meanwhile.
     *
     * @return bytes that are right
     */
    public static long content(RowReader rows, SegmentLog log, DamagedBlockListener damage, Consumer<Finding> listener)
            throws FsException {
        return new ContentCheck(rows, log, damage)
                .run((inode, message) -> listener.accept(Finding.lost("inode " + inode, message)));
    }

    private void checkCounters(InodeCheck inodes, Consumer<Finding> findings) {
        String subject = "volume";
        if (counters.inodes() != inodes.inodes) {
            findings.accept(
                    Finding.error(subject, "counts %d inodes, %d found".formatted(counters.inodes(), inodes.inodes)));
        }
        if (counters.bytes() != inodes.bytes) {
            findings.accept(Finding.error(
                    subject,
                    "counts %d bytes, extents and preallocation cover %d".formatted(counters.bytes(), inodes.bytes)));
        }
        if (inodes.inodes > 0 && counters.nextInode() <= inodes.highest) {
            findings.accept(Finding.error(
                    subject, "will give inode %d again; %d exists".formatted(counters.nextInode(), inodes.highest)));
        }
    }

    /** Every directory leads to the root. */
    private void checkTree(Consumer<Finding> findings) throws FsException {
        Cache<Long, Boolean> reached = Caffeine.newBuilder()
                .maximumSize(KNOWN_DIRECTORIES)
                .executor(Runnable::run)
                .build();
        reached.put(FileSystem.ROOT, true);
        for (Walk inodes = new Walk(rows, 'I'); inodes.hasRow(); inodes.next()) {
            Set<Long> way = new HashSet<>();
            long at = inodes.first();
            byte[] value = inodes.value();
            while (reached.getIfPresent(at) == null) {
                InodeRow row;
                try {
                    row = value == null ? null : InodeRow.decode(at, value);
                } catch (FsException e) {
                    // reported by the walk over the inodes
                    break;
                }
                if (row == null || !way.add(at)) {
                    findings.accept(Finding.error(
                            "inode " + inodes.first(), "its way up ends at inode " + at + " and not at the root"));
                    break;
                }
                if (!row.isDirectory() || row.links() == 0) {
                    break;
                }
                at = row.parent();
                value = rows.get(Rows.inodeKey(at));
            }
            if (reached.getIfPresent(at) != null) {
                way.forEach(directory -> reached.put(directory, true));
            }
        }
    }
}
