package org.qsfs.fs.attr;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.AccessList;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.inode.Change;

/** Access control lists as the extended attributes by which they are read and set; they stand in the inode row. */
enum AccessListAttributes {
    /** Rights on the inode itself. */
    ACCESS("system.posix_acl_access"),
    /** What new inodes in a directory get. */
    DEFAULT("system.posix_acl_default");

    private final String attribute;

    AccessListAttributes(String attribute) {
        this.attribute = attribute;
    }

    /** The list that a name stands for, or null. */
    static @Nullable AccessListAttributes of(byte[] name) {
        String text = new String(name, StandardCharsets.ISO_8859_1);
        for (AccessListAttributes list : values()) {
            if (list.attribute.equals(text)) {
                return list;
            }
        }
        return null;
    }

    /** The names of the lists that an inode has. */
    static List<byte[]> names(InodeRow row) {
        List<byte[]> names = new ArrayList<>();
        for (AccessListAttributes list : values()) {
            if (!list.of(row).isEmpty()) {
                names.add(list.attribute.getBytes(StandardCharsets.US_ASCII));
            }
        }
        return names;
    }

    byte[] get(InodeRow row) throws FsException {
        requireSupport(row);
        if (of(row).isEmpty()) {
            throw new FsException(Errno.ENODATA);
        }
        return AccessLists.encode(of(row));
    }

    /** Sets the list, or removes it when {@code value} has no entries. An access list also sets the mode. */
    void set(Caller caller, long inode, byte[] value, Change change) throws FsException {
        AccessList list = AccessLists.decode(value);
        InodeRow row = change.inode(inode);
        requireSupport(row);
        Permissions.requireUnprotected(row);
        Permissions.requireOwner(caller, row);
        if (this == DEFAULT) {
            if (!row.isDirectory() && !list.isEmpty()) {
                throw new FsException(Errno.EACCES, "only directories have a default access control list");
            }
            row = row.withDefaults(list);
        } else if (list.isEmpty()) {
            row = row.withAccess(AccessList.NONE);
        } else {
            int permissions = (row.permissions() & ~0777) | AccessLists.mode(list);
            boolean foreignGroup = !caller.isSuperuser() && !caller.isMember(row.gid());
            row = row.withPermissions(foreignGroup ? permissions & ~Permissions.SET_GROUP_ID : permissions)
                    .withAccess(AccessLists.saysMoreThanMode(list) ? list : AccessList.NONE);
        }
        change.put(row.changedAt(change.now()));
    }

    private AccessList of(InodeRow row) {
        return this == ACCESS ? row.access() : row.defaults();
    }

    private static void requireSupport(InodeRow row) throws FsException {
        if (row.type() == FileType.SYMLINK) {
            throw new FsException(Errno.EOPNOTSUPP);
        }
    }
}
