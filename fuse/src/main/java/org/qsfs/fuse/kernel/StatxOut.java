package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.Timestamp;

/**
 * Attributes with the birth time.
 *
 * <pre>
 * struct fuse_statx_out, 288 bytes, with a struct statx behind its first 32
 * offset  size  field                              offset  size  field
 *      0     8  attr_valid        seconds              72     8  size
 *      8     4  attr_valid_nsec                        80     8  blocks       of 512 bytes
 *     12    20  flags, spare                           88     8  attributes_mask
 *     32     4  mask              fields that count    96    16  atime        seconds 8, nanoseconds 4, reserved 4
 *     36     4  blksize                               112    16  btime
 *     40     8  attributes                            128    16  ctime
 *     48     4  nlink                                 144    16  mtime
 *     52     4  uid                                   160     4  rdev_major
 *     56     4  gid                                   164     4  rdev_minor
 *     60     2  mode                                  168     8  dev
 *     62     2  spare                                 176   112  spare
 *     64     8  ino
 * </pre>
 */
final class StatxOut {
    static final int SIZE = 288;

    /** {@code STATX_BASIC_STATS | STATX_BTIME}. */
    private static final int MASK = 0xfff;

    private StatxOut() {}

    /** Fills what tells of the inode; the rest must be zero. */
    static void put(MemorySegment target, Attributes a) {
        target.set(JAVA_INT, 32, MASK);
        target.set(JAVA_INT, 36, EntryOut.BLOCK);
        target.set(JAVA_INT, 48, a.links());
        target.set(JAVA_INT, 52, a.uid());
        target.set(JAVA_INT, 56, a.gid());
        target.set(JAVA_SHORT, 60, (short) a.mode());
        target.set(JAVA_LONG, 64, a.inode());
        target.set(JAVA_LONG, 72, a.size());
        target.set(JAVA_LONG, 80, a.blocks());
        time(target, 96, a.accessed());
        time(target, 112, a.created());
        time(target, 128, a.changed());
        time(target, 144, a.modified());
        target.set(JAVA_INT, 160, major(a.device()));
        target.set(JAVA_INT, 164, minor(a.device()));
    }

    private static void time(MemorySegment target, long at, Timestamp time) {
        target.set(JAVA_LONG, at, time.seconds());
        target.set(JAVA_INT, at + 8, time.nanos());
    }

    /** The other requests carry device numbers in one word (linux/kdev_t.h): 12 bits of the minor number, the major one, the lowest 8 of the minor one. */
    private static int major(int device) {
        return (device & 0xfff00) >> 8;
    }

    private static int minor(int device) {
        return (device & 0xff) | ((device >>> 12) & 0xfff00);
    }
}
