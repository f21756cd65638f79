package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.qsfs.fs.Attributes;

/**
 * What the kernel may remember of an inode and a name.
 *
 * <pre>
 * struct fuse_attr, 88 bytes             struct fuse_entry_out, 128 bytes
 * offset  size  field                    offset  size  field
 *      0     8  ino                           0     8  nodeid            0: there is no such name
 *      8     8  size                          8     8  generation        0: our inode numbers are never used again
 *     16     8  blocks  of 512 bytes         16     8  entry_valid       seconds
 *     24     8  atime                        24     8  attr_valid        seconds
 *     32     8  mtime                        32     4  entry_valid_nsec
 *     40     8  ctime                        36     4  attr_valid_nsec
 *     48     4  atimensec                    40    88  attr
 *     52     4  mtimensec
 *     56     4  ctimensec                struct fuse_attr_out, 104 bytes
 *     60     4  mode                     offset  size  field
 *     64     4  nlink                         0     8  attr_valid
 *     68     4  uid                           8     4  attr_valid_nsec
 *     72     4  gid                          12     4  dummy
 *     76     4  rdev                         16    88  attr
 *     80     4  blksize
 *     84     4  flags
 * </pre>
 */
final class EntryOut {
    static final int SIZE = 128;
    static final int ATTR_OUT_SIZE = 104;
    static final int BLOCK = 4096;

    private final long validSeconds;
    private final int validNanos;

    EntryOut(Duration valid) {
        validSeconds = valid.toSeconds();
        validNanos = valid.toNanosPart();
    }

    void put(MemorySegment target, long at, Attributes attributes) {
        head(target, at, attributes.inode());
        attr(target, at + 40, attributes);
    }

    /** An entry without an inode: the kernel may remember that the name does not exist, or, in a READDIRPLUS, that nothing is known about it. */
    void putNone(MemorySegment target, long at) {
        target.asSlice(at, SIZE).fill((byte) 0);
        head(target, at, 0);
    }

    private void head(MemorySegment target, long at, long inode) {
        target.set(JAVA_LONG, at, inode);
        target.set(JAVA_LONG, at + 8, 0);
        target.set(JAVA_LONG, at + 16, validSeconds);
        target.set(JAVA_LONG, at + 24, validSeconds);
        target.set(JAVA_INT, at + 32, validNanos);
        target.set(JAVA_INT, at + 36, validNanos);
    }

    void putAttributes(MemorySegment target, Attributes attributes) {
        target.set(JAVA_LONG, 0, validSeconds);
        target.set(JAVA_INT, 8, validNanos);
        target.set(JAVA_INT, 12, 0);
        attr(target, 16, attributes);
    }

    /** Fills a {@link StatxOut}. */
    void putExtended(MemorySegment target, Attributes attributes) {
        target.asSlice(0, StatxOut.SIZE).fill((byte) 0);
        target.set(JAVA_LONG, 0, validSeconds);
        target.set(JAVA_INT, 8, validNanos);
        StatxOut.put(target, attributes);
    }

    private static void attr(MemorySegment target, long at, Attributes a) {
        target.set(JAVA_LONG, at, a.inode());
        target.set(JAVA_LONG, at + 8, a.size());
        target.set(JAVA_LONG, at + 16, a.blocks());
        target.set(JAVA_LONG, at + 24, a.accessed().seconds());
        target.set(JAVA_LONG, at + 32, a.modified().seconds());
        target.set(JAVA_LONG, at + 40, a.changed().seconds());
        target.set(JAVA_INT, at + 48, a.accessed().nanos());
        target.set(JAVA_INT, at + 52, a.modified().nanos());
        target.set(JAVA_INT, at + 56, a.changed().nanos());
        target.set(JAVA_INT, at + 60, a.mode());
        target.set(JAVA_INT, at + 64, a.links());
        target.set(JAVA_INT, at + 68, a.uid());
        target.set(JAVA_INT, at + 72, a.gid());
        target.set(JAVA_INT, at + 76, a.device());
        target.set(JAVA_INT, at + 80, BLOCK);
        target.set(JAVA_INT, at + 84, 0);
    }

    boolean remembers() {
        return validSeconds > 0 || validNanos > 0;
    }
}
