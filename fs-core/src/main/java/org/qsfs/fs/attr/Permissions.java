package org.qsfs.fs.attr;

import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.InodeRow;

/** Who may do what, by the rules of path_resolution(7), access(2), chmod(2), unlink(2). */
public final class Permissions {
    public static final int READ = 4;
    public static final int WRITE = 2;
    public static final int EXECUTE = 1;

    public static final int SET_USER_ID = 04000;
    public static final int SET_GROUP_ID = 02000;
    public static final int STICKY = 01000;
    private static final int GROUP_EXECUTE = 0010;
    private static final int ANY_EXECUTE = 0111;

    private Permissions() {}

    /** Whether the caller has all rights of {@code mask}. */
    public static boolean allows(Caller caller, InodeRow row, int mask) {
        if (caller.isSuperuser()) {
            return (mask & EXECUTE) == 0 || row.isDirectory() || (row.permissions() & ANY_EXECUTE) != 0;
        }
        if (!row.access().isEmpty()) {
            return AccessLists.allows(caller, row, mask);
        }
        int shift = caller.uid() == row.uid() ? 6 : caller.isMember(row.gid()) ? 3 : 0;
        return (row.permissions() >> shift & mask) == mask;
    }

    /** EACCES when a right of {@code mask} is missing, EPERM for writing what is immutable. */
    public static void require(Caller caller, InodeRow row, int mask) throws FsException {
        if ((mask & WRITE) != 0) {
            requireMutable(row);
        }
        if (!allows(caller, row, mask)) {
            throw new FsException(Errno.EACCES);
        }
    }

    /** EPERM when the inode is immutable, also for the superuser. */
    public static void requireMutable(InodeRow row) throws FsException {
        if (row.isImmutable()) {
            throw new FsException(Errno.EPERM, "inode " + row.inode() + " is immutable");
        }
    }

    /** EPERM when the inode is immutable or may only be appended to: what else there is of it stays as it is. */
    public static void requireUnprotected(InodeRow row) throws FsException {
        requireMutable(row);
        if (row.isAppendOnly()) {
            throw new FsException(Errno.EPERM, "inode " + row.inode() + " may only be appended to");
        }
    }

    /** EPERM when the caller is neither owner nor superuser. */
    public static void requireOwner(Caller caller, InodeRow row) throws FsException {
        if (!isOwner(caller, row)) {
            throw new FsException(Errno.EPERM);
        }
    }

    public static boolean isOwner(Caller caller, InodeRow row) {
        return caller.isSuperuser() || caller.uid() == row.uid();
    }

    /** Whether names may be added to and taken from a directory: EACCES; EPERM when it is immutable. */
    public static void requireChange(Caller caller, InodeRow directory) throws FsException {
        require(caller, directory, WRITE | EXECUTE);
    }

    /** Whether this name may be taken from a directory: not where either is protected by a flag, and in a sticky one only by the owner of either: EPERM. */
    public static void requireRemoval(Caller caller, InodeRow directory, InodeRow child) throws FsException {
        requireUnprotected(directory);
        requireUnprotected(child);
        if ((directory.permissions() & STICKY) != 0 && !isOwner(caller, directory) && !isOwner(caller, child)) {
            throw new FsException(Errno.EPERM, "the directory is sticky");
        }
    }

    /** The row after chmod. */
    static InodeRow withMode(InodeRow row, int permissions) {
        return row.withPermissions(permissions).withAccess(AccessLists.withMode(row.access(), permissions));
    }

    /** The row as it is after somebody has changed the content: set-user-id and set-group-id do not outlive a write, except the superuser's. */
    public static InodeRow afterWrite(Caller caller, InodeRow row) {
        return caller.isSuperuser() ? row : withoutPrivileges(caller, row);
    }

    public static boolean losesPrivileges(Caller caller, InodeRow row) {
        return !caller.isSuperuser() && withoutPrivileges(caller, row).permissions() != row.permissions();
    }

    /**
     * Without set-user-id, and without set-group-id where it is a privilege: on a file that its group may execute, or that somebody changes who could not give it the
     * bit (setattr_should_drop_sgid of Linux).
     */
    static InodeRow withoutPrivileges(Caller caller, InodeRow row) {
        int permissions = row.permissions() & ~SET_USER_ID;
        if ((permissions & SET_GROUP_ID) != 0
                && ((permissions & GROUP_EXECUTE) != 0 || !(caller.isSuperuser() || caller.isMember(row.gid())))) {
            permissions &= ~SET_GROUP_ID;
        }
        return permissions == row.permissions() || !row.isRegular() ? row : row.withPermissions(permissions);
    }
}
