package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FilesystemStatistics;
import org.qsfs.fs.FsException;
import org.qsfs.fuse.session.AttributeChange;

/**
 * Requests about attributes of inodes and of the filesystem.
 *
 * <pre>
 * GETATTR  0 getattr_flags 4, 4 dummy 4, 8 fh 8              reply fuse_attr_out, see {@link EntryOut}
 * STATX    0 getattr_flags 4, 4 reserved 4, 8 fh 8,
 *          16 sx_flags 4, 20 sx_mask 4                       reply {@link StatxOut}
 * ACCESS   0 mask 4, 4 padding 4                             reply nothing
 * SETATTR  struct fuse_setattr_in                            reply fuse_attr_out
 *
 * offset  size  field                                    STATFS: reply struct fuse_statfs_out, 80 bytes
 *      0     4  valid    see {@link AttributeChange}          offset  size  field
 *      4     4  padding                                       0     8  blocks   of frsize bytes
 *      8     8  fh                                            8     8  bfree
 *     16     8  size                                         16     8  bavail
 *     24     8  lock_owner                                   24     8  files
 *     32     8  atime                                        32     8  ffree
 *     40     8  mtime                                        40     4  bsize
 *     48     8  ctime                                        44     4  namelen
 *     56     4  atimensec                                    48     4  frsize
 *     60     4  mtimensec                                    52     4  padding
 *     64     4  ctimensec                                    56    24  spare
 *     68     4  mode
 *     72     4  unused4
 *     76     4  uid
 *     80     4  gid
 *     84     4  unused5
 * </pre>
 */
final class AttributeRequests {
    private static final int STATFS_SIZE = 80;
    private static final int BLOCK = 4096;
    private static final int FATTR_OWNER = (1 << 1) | (1 << 2);
    private static final int FATTR_SIZE = 1 << 3;
    /** Mode, owner, size, access and modification time. */
    private static final int FATTR_FIELDS = 0x3f | 1 << 7 | 1 << 8;

    private static final int FATTR_KILL_SUIDGID = 1 << 11;

    private final FileSystem fileSystem;
    private final EntryOut entries;
    private final FilePrivileges privileges;
    private final boolean writeback;

    AttributeRequests(FileSystem fileSystem, EntryOut entries, FilePrivileges privileges, boolean writeback) {
        this.writeback = writeback;
        this.fileSystem = fileSystem;
        this.entries = entries;
        this.privileges = privileges;
    }

    void get(Exchange x) throws FsException {
        attributes(x, fileSystem.getAttributes(x.node()));
    }

    /** Asked when somebody wants to know the birth time; the answer has everything. */
    void getExtended(Exchange x) throws FsException {
        entries.putExtended(x.body(), fileSystem.getAttributes(x.node()));
        x.reply(StatxOut.SIZE);
    }

    private void attributes(Exchange x, Attributes attributes) {
        entries.putAttributes(x.body(), attributes);
        x.reply(EntryOut.ATTR_OUT_SIZE);
    }

    void set(Exchange x) throws FsException {
        int valid = x.intAt(0);
        AttributeChange change = new AttributeChange(
                valid,
                x.intAt(68),
                x.intAt(76),
                x.intAt(80),
                x.longAt(16),
                x.longAt(32),
                x.intAt(56),
                x.longAt(40),
                x.intAt(60));
        long node = x.node();
        boolean nothing = (valid & FATTR_FIELDS) == 0;
        Attributes now = change.apply(fileSystem, x.caller(), node, x.longAt(8), writeback);
        // chown(-1, -1) comes as a change of nothing, and takes privileges away like any other
        boolean givesAway = (valid & FATTR_OWNER) != 0 || nothing;
        if (((valid & FATTR_SIZE) != 0 || givesAway) && !now.isDirectory()) {
            privileges.afterChange(x, node, (valid & FATTR_KILL_SUIDGID) != 0 || givesAway);
            now = fileSystem.getAttributes(node);
        }
        attributes(x, now);
    }

    void access(Exchange x) throws FsException {
        fileSystem.access(x.caller(), x.node(), x.intAt(0));
        x.reply(0);
    }

    void statistics(Exchange x) throws FsException {
        FilesystemStatistics s = fileSystem.statistics();
        long free = Math.max(0, s.totalBytes() - s.usedBytes()) / BLOCK;
        MemorySegment reply = x.body();
        reply.asSlice(0, STATFS_SIZE).fill((byte) 0);
        reply.set(JAVA_LONG, 0, s.totalBytes() / BLOCK);
        reply.set(JAVA_LONG, 8, free);
        reply.set(JAVA_LONG, 16, free);
        reply.set(JAVA_LONG, 24, s.totalInodes());
        reply.set(JAVA_LONG, 32, Math.max(0, s.totalInodes() - s.usedInodes()));
        reply.set(JAVA_INT, 40, BLOCK);
        reply.set(JAVA_INT, 44, FileName.MAX_BYTES);
        reply.set(JAVA_INT, 48, BLOCK);
        x.reply(STATFS_SIZE);
    }
}
