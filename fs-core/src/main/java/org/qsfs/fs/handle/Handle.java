package org.qsfs.fs.handle;

import org.qsfs.fs.Caller;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.data.FileData;
import org.qsfs.fs.format.Rows;

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

        /** Whether its reads count as accesses. */
        public boolean movesAccessTime() {
            return (flags & OpenFlags.NO_ACCESS_TIME) == 0;
        }

        /** Whether each write is synced: 0 no, else the bits of O_SYNC or O_DSYNC. */
        public boolean syncs() {
            return (flags & OpenFlags.SYNC) != 0;
        }
    }

    /** An open directory. A listing goes as far as the directory did when it began: so it ends, whatever is renamed meanwhile. */
    final class OpenDirectory implements Handle {
        private final long inode;
        private volatile long end;

        public OpenDirectory(long inode) {
            this.inode = inode;
        }

        @Override
        public long inode() {
            return inode;
        }

        /**
         * @param cookie behind which the next part of a listing begins
         * @param nextCookie of the directory now
         * @return the first cookie that does not belong to the listing
         */
        public long listingEnd(long cookie, long nextCookie) {
            if (cookie < Rows.FIRST_COOKIE || end == 0) {
                end = nextCookie;
            }
            return end;
        }
    }
}
