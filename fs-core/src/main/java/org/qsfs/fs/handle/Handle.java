package org.qsfs.fs.handle;

import org.qsfs.fs.Caller;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.data.FileData;

/** Something that is open. */
public sealed interface Handle {
    long inode();

    /**
     * An open regular file.
     *
     * @param flags of open(2)
     * @param writer whose writes they are: set-user-id and set-group-id do not outlive those of others than the superuser
     */
    record OpenFile(FileData data, long inode, int flags, Caller writer) implements Handle {
        public boolean appends() {
            return (flags & OpenFlags.APPEND) != 0;
        }

        /** Whether each write is synced: 0 no, else the bits of O_SYNC or O_DSYNC. */
        public boolean syncs() {
            return (flags & OpenFlags.SYNC) != 0;
        }
    }

    /** An open directory. */
    record OpenDirectory(long inode) implements Handle {}
}
