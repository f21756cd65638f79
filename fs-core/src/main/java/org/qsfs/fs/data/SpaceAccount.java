package org.qsfs.fs.data;

import java.util.concurrent.atomic.AtomicLong;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.SpaceReservation;
import org.qsfs.fs.inode.Metadata;

/** Whether written bytes will fit: quota of the volume, and what is behind {@link SpaceReservation}. Safe for many threads. */
final class SpaceAccount {
    /** The size of a volume without a quota: 1 PiB. */
    private static final long UNLIMITED = 1L << 50;

    private final Metadata metadata;
    private final long quota;
    private final SpaceReservation space;
    /** Bytes that are promised and not yet counted in extents. */
    private final AtomicLong promised = new AtomicLong();

    /** @param quota bytes, {@link Long#MAX_VALUE} for none */
    SpaceAccount(Metadata metadata, long quota, SpaceReservation space) {
        this.metadata = metadata;
        this.quota = quota;
        this.space = space;
    }

    /** Asks the disk for room; may wait. Without locks. */
    void reserveDisk(long bytes) throws FsException {
        space.reserve(bytes);
    }

    /** Promises room within the quota. */
    boolean promise(long bytes) {
        if (quota == Long.MAX_VALUE) {
            return true;
        }
        if (metadata.byteCount() + promised.addAndGet(bytes) <= quota) {
            return true;
        }
        promised.addAndGet(-bytes);
        return false;
    }

    /**
     * Promises room for bytes that may never be written.
     *
     * @throws FsException EDQUOT, or ENOSPC where there is no quota and more is asked for than {@link #totalBytes} has left
     */
    void promiseUnwritten(long bytes) throws FsException {
        if (quota == Long.MAX_VALUE && bytes > totalBytes() - metadata.byteCount()) {
            throw new FsException(Errno.ENOSPC, "the volume has no quota, but " + bytes + " bytes are too many");
        }
        if (!promise(bytes)) {
            throw exceeded();
        }
    }

    /** What {@code df} shows as the size. */
    long totalBytes() {
        return quota == Long.MAX_VALUE ? Math.max(UNLIMITED, metadata.byteCount() * 2) : quota;
    }

    /** The promised bytes are counted in extents now, or will not come. */
    void settle(long bytes) {
        if (quota != Long.MAX_VALUE) {
            promised.addAndGet(-bytes);
        }
    }

    FsException exceeded() {
        return new FsException(
                Errno.EDQUOT,
                "the volume may hold " + quota + " bytes and holds " + metadata.byteCount()
                        + "; delete files or raise the quota");
    }
}
