package org.qsfs.fuse.session;

import java.time.Duration;

/** One mount's channel to the kernel, as a binding opened it. */
public interface Connection extends RequestSource {
    /** See {@code MountedFileSystem.invalidateInode}. */
    void invalidateInode(long inode);

    /** Makes the kernel ask again for the attributes of an inode. Never waits for a request, so a request may call it. */
    void invalidateAttributes(long inode);

    /** The handles that the kernel holds. */
    OpenFiles openFiles();

    /** See {@code MountedFileSystem.invalidateName}. */
    void invalidateName(long directory, byte[] name);

    /**
     * Waits until the workers that were started have told the kernel of themselves, where that is needed.
     *
     * @return false when it refused one or the time is over: then it may hold requests back for ever
     */
    default boolean awaitReady(Duration limit) throws InterruptedException {
        return true;
    }

    /** See {@code MountedFileSystem.isOverIoUring}. */
    default boolean isOverIoUring() {
        return false;
    }

    /** Gives descriptors and memory back. Called once, after the last worker has ended. */
    void release();
}
