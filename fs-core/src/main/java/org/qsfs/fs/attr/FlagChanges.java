package org.qsfs.fs.attr;

import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.InodeFlags;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.inode.Metadata;

/** chattr(1) and lsattr(1). What the flags forbid is checked by whoever makes the change: {@link Permissions#requireMutable}, {@link Permissions#requireUnprotected}. */
public final class FlagChanges {
    private final Metadata metadata;

    public FlagChanges(Metadata metadata) {
        this.metadata = metadata;
    }

    /** @throws FsException ENOTTY when the inode is of a kind that shows no flags */
    public int get(long inode) throws FsException {
        InodeRow row = metadata.inode(inode);
        possible(row);
        return row.flags();
    }

    /**
     * Replaces all flags.
     *
     * @throws FsException EOPNOTSUPP for a flag that this kind of inode cannot have; EPERM when the caller is not the owner, is not the superuser and changes what only the superuser
     *     may, or changes anything else of what stays immutable
     */
    public void set(Caller caller, long inode, int flags) throws FsException {
        metadata.run(change -> {
            InodeRow row = change.inode(inode);
            int possible = possible(row);
            Permissions.requireOwner(caller, row);
            if ((flags & ~possible) != 0) {
                throw new FsException(Errno.EOPNOTSUPP, "flags 0x%x of a %s".formatted(flags & ~possible, row.type()));
            }
            int changed = flags ^ row.flags();
            if ((changed & InodeFlags.PRIVILEGED) != 0 && !caller.isSuperuser()) {
                throw new FsException(Errno.EPERM, "only the superuser makes inodes immutable or append-only");
            }
            if (row.isImmutable() && changed != 0 && (flags & InodeFlags.IMMUTABLE) != 0) {
                throw new FsException(Errno.EPERM, "inode " + inode + " is immutable and so are its other flags");
            }
            change.put(row.withFlags(flags).changedAt(change.now()));
        });
    }

    private static int possible(InodeRow row) throws FsException {
        if (row.isRegular()) {
            return InodeFlags.OF_FILES;
        }
        if (row.isDirectory()) {
            return InodeFlags.OF_DIRECTORIES;
        }
        throw new FsException(Errno.ENOTTY, "a " + row.type() + " has no flags to set");
    }
}
