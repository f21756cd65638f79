package org.qsfs.fuse.session;

import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fs.SetAttributes;

/** set-user-id and set-group-id, which go when others than the superuser write to a file (setattr_should_drop_suidgid of Linux). */
public final class PrivilegeBits {
    private static final int SET_USER_ID = 04000;
    private static final int SET_GROUP_ID = 02000;
    private static final int GROUP_EXECUTE = 0010;

    private PrivilegeBits() {}

    /** Takes the bits away, in the superuser's name. */
    public static void clear(FileSystem fileSystem, Caller caller, long inode) throws FsException {
        Attributes now = fileSystem.getAttributes(inode);
        int permissions = cleared(caller, now);
        if (permissions != now.permissions()) {
            fileSystem.setAttributes(Caller.ROOT, inode, SetAttributes.ofPermissions(permissions));
        }
    }

    /** The permissions without the bits; set-group-id without group execution goes only if the caller could not have set it. */
    public static int cleared(Caller caller, Attributes now) {
        int permissions = now.permissions();
        if (now.isDirectory() || (permissions & (SET_USER_ID | SET_GROUP_ID)) == 0) {
            return permissions;
        }
        boolean mayGive = caller.isSuperuser() || caller.isMember(now.gid());
        boolean groupExecutes = (permissions & GROUP_EXECUTE) != 0;
        return permissions & ~SET_USER_ID & (groupExecutes || !mayGive ? ~SET_GROUP_ID : ~0);
    }
}
