package org.qsfs.fuse;

import java.nio.file.Path;
import java.time.Duration;

/**
 * A filesystem that is mounted. Unmounting does not close the {@link org.qsfs.fs.FileSystem} below; its owner does that after {@link #awaitUnmount}.
 */
public interface MountedFileSystem extends AutoCloseable {
    Path mountpoint();

    /** {@link Binding#JNR} or {@link Binding#KERNEL}. */
    Binding binding();

    /** Whether the kernel sends requests over io_uring, not through {@code /dev/fuse}. */
    boolean isOverIoUring();

    /** Whether the kernel still sends requests. False after an unmount by anyone, and after the last close that a lazy unmount waited for. */
    boolean isMounted();

    /** Waits, without a limit, until the last request is answered and every worker has ended. */
    void awaitUnmount() throws InterruptedException;

    /** @return false when the time is over and the filesystem is still mounted */
    boolean awaitUnmount(Duration limit) throws InterruptedException;

    /**
     * Takes the mount away, as {@code umount} or, when lazy, {@code umount -l} does: names vanish at once, open files work until closed. The kernel writes
     * dirty pages back before a call that is not lazy returns. Nothing happens when it is not mounted any more.
     *
     * @throws MountException when the mount is in use and {@code lazy} is false
     */
    void unmount(boolean lazy) throws MountException;

    /**
     * Returns when the kernel has written the dirty pages that it held at the time of the call: those of shared mappings and, with the writeback cache, of
     * ordinary writes. Snapshots and flushes of a volume call it first. The rules of {@link #invalidateInode} hold.
     */
    void writeBack();

    /**
     * Makes the kernel drop what it remembers of an inode: attributes and cached pages, dirty ones being written back first. For changes that do not come
     * through this mount. Must not be called from a thread that answers a request.
     */
    void invalidateInode(long inode);

    /** Makes the kernel drop a name of a directory, and that it does not exist. The rules of {@link #invalidateInode} hold. */
    void invalidateName(long directory, org.qsfs.fs.FileName name);

    /** Unmounts, lazily when in use, and waits at most ten seconds for the workers. */
    @Override
    void close() throws MountException;
}
