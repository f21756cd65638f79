package org.qsfs.fuse.session;

import org.jspecify.annotations.Nullable;
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
    private static final int ATIME_NOW = 1 << 7;
    private static final int MTIME_NOW = 1 << 8;
    private static final int PERMISSIONS = 07777;

    private boolean has(int bit) {
        return (valid & bit) != 0;
    }

    public SetAttributes toSetAttributes() {
        return new SetAttributes(
                has(MODE) ? mode & PERMISSIONS : null,
                has(UID) ? uid : null,
                has(GID) ? gid : null,
                has(SIZE) ? size : null,
                time(ATIME, ATIME_NOW, accessedSeconds, accessedNanos),
                time(MTIME, MTIME_NOW, modifiedSeconds, modifiedNanos),
                has(ATIME_NOW),
                has(MTIME_NOW));
    }

    private @Nullable Timestamp time(int given, int now, long seconds, int nanos) {
        return has(given) && !has(now) ? new Timestamp(seconds, nanos) : null;
    }
}
