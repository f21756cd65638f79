package org.qsfs.fuse.session;

import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fs.SetAttributes;
import org.qsfs.fs.Timestamp;

/**
 * The fields of a SETATTR request, which libfuse and the kernel number alike.
 *
 * <pre>
 * bit   {@code FATTR_} of linux/fuse.h   meaning
 *   0   MODE                             permissions
 *   1   UID
 *   2   GID
 *   3   SIZE
 *   4   ATIME                            the time given, unless bit 7
 *   5   MTIME                            the time given, unless bit 8
 *   6   FH                               the request names a handle
 *   7   ATIME_NOW
 *   8   MTIME_NOW
 *   9   LOCKOWNER
 *  10   CTIME                            only with the writeback cache
 *  11   KILL_SUIDGID                     only with HANDLE_KILLPRIV_V2
 * </pre>
 */
public record AttributeChange(
        int valid,
        int mode,
        int uid,
        int gid,
        long size,
        long accessedSeconds,
        int accessedNanos,
        long modifiedSeconds,
        int modifiedNanos) {
    private static final int MODE = 1;
    private static final int UID = 1 << 1;
    private static final int GID = 1 << 2;
    private static final int SIZE = 1 << 3;
    private static final int ATIME = 1 << 4;
    private static final int MTIME = 1 << 5;
    /** Bit 6. libfuse leaves it out and passes a file instead. */
    public static final int HANDLE = 1 << 6;

    private static final int ATIME_NOW = 1 << 7;
    private static final int MTIME_NOW = 1 << 8;
    private static final int CTIME = 1 << 10;
    private static final int TIMES = ATIME | MTIME | ATIME_NOW | MTIME_NOW;
    private static final int PERMISSIONS = 07777;

    private static boolean has(int bits, int bit) {
        return (bits & bit) != 0;
    }

    public boolean setsSize() {
        return has(valid, SIZE);
    }

    /**
     * Carries the change out.
     *
     * <p>A size given with a handle is set through the handle, which was checked when it was opened: ftruncate(2) works though the file's permissions have
     * become read-only. A mode that comes from somebody who may not set it is the kernel's own: it takes set-user-id and set-group-id from a file that
     * this caller, whom it has checked, writes or truncates.
     *
     * @param handle means something only when bit 6 is set
     * @param kernelKeepsTimes with the writeback cache the kernel, which has checked the caller, says what "now" is: sizes and times are then its own
     */
    public Attributes apply(FileSystem fileSystem, Caller caller, long inode, long handle, boolean kernelKeepsTimes)
            throws FsException {
        int asked = valid & (MODE | UID | GID | SIZE | TIMES);
        int rest = asked;
        if (has(rest, MODE)
                && !caller.isSuperuser()
                && fileSystem.getAttributes(inode).uid() != caller.uid()) {
            fileSystem.setAttributes(Caller.ROOT, inode, toSetAttributes(MODE));
            rest &= ~MODE;
        }
        if (has(rest, SIZE) && has(valid, HANDLE)) {
            fileSystem.truncate(handle, size);
            rest &= ~SIZE;
        }
        if (kernelKeepsTimes && has(rest, SIZE | TIMES)) {
            setKernels(fileSystem, inode, rest & (SIZE | TIMES));
            rest &= ~(SIZE | TIMES);
        }
        // a change of nothing, as chown(-1, -1) makes, still moves ctime
        boolean done = rest == 0 && asked != 0;
        return done ? fileSystem.getAttributes(inode) : fileSystem.setAttributes(caller, inode, toSetAttributes(rest));
    }

    private void setKernels(FileSystem fileSystem, long inode, int fields) throws FsException {
        try {
            fileSystem.setAttributes(Caller.ROOT, inode, toSetAttributes(fields));
        } catch (FsException e) {
            // a file that is written back after it was made immutable or append-only: the time is that of write-back
            boolean timeOfWrites = fields == MTIME && has(valid, CTIME) && has(valid, HANDLE);
            if (e.errno() != Errno.EPERM || !timeOfWrites) {
                throw e;
            }
        }
    }

    private SetAttributes toSetAttributes(int fields) {
        return new SetAttributes(
                has(fields, MODE) ? mode & PERMISSIONS : null,
                has(fields, UID) ? uid : null,
                has(fields, GID) ? gid : null,
                has(fields, SIZE) ? size : null,
                has(fields, ATIME) && !has(fields, ATIME_NOW) ? new Timestamp(accessedSeconds, accessedNanos) : null,
                has(fields, MTIME) && !has(fields, MTIME_NOW) ? new Timestamp(modifiedSeconds, modifiedNanos) : null,
                has(fields, ATIME_NOW),
                has(fields, MTIME_NOW));
    }
}
