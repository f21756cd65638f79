package org.qsfs.fs.attr;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.inode.Change;
import org.qsfs.fs.inode.Metadata;
import org.qsfs.fs.rows.RowCursor;

/**
 * Extended attributes, by the rules of xattr(7): {@code user.} on files and directories by their permissions, {@code trusted.} for the superuser
 * only, {@code security.} readable by all and written by the superuser, {@code system.posix_acl_} for access control lists. Other namespaces are EOPNOTSUPP.
 */
public final class ExtendedAttributes {
    public static final int CREATE = 1;
    public static final int REPLACE = 2;

    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_VALUE = 65_536;
    /** What listxattr(2) can return. */
    private static final int LONGEST_LIST = 65_536;

    private final Metadata metadata;

    public ExtendedAttributes(Metadata metadata) {
        this.metadata = metadata;
    }

    private enum Space {
        USER("user."),
        TRUSTED("trusted."),
        SECURITY("security.");

        private final String prefix;

        Space(String prefix) {
            this.prefix = prefix;
        }

        static Space of(byte[] name) throws FsException {
            if (name.length > LONGEST_NAME) {
                throw new FsException(Errno.ERANGE, "the name of an extended attribute has at most 255 bytes");
            }
            String text = new String(name, StandardCharsets.ISO_8859_1);
            for (Space space : values()) {
                if (text.startsWith(space.prefix)) {
                    if (text.length() == space.prefix.length()) {
                        throw new FsException(Errno.EINVAL, "an extended attribute needs a name behind its prefix");
                    }
                    return space;
                }
            }
            throw new FsException(Errno.EOPNOTSUPP);
        }
    }

    public byte[] get(Caller caller, long inode, byte[] name) throws FsException {
        AccessListAttributes accessList = AccessListAttributes.of(name);
        if (accessList != null) {
            return accessList.get(metadata.inode(inode));
        }
        Space space = Space.of(name);
        InodeRow row = metadata.inode(inode);
        if (space == Space.TRUSTED && !caller.isSuperuser()) {
            throw new FsException(Errno.ENODATA);
        }
        if (space == Space.USER) {
            if (!row.isRegular() && !row.isDirectory()) {
                throw new FsException(Errno.ENODATA);
            }
            Permissions.require(caller, row, Permissions.READ);
        }
        byte[] value = row.attributeCount() == 0 ? null : metadata.rows().get(Rows.attributeKey(inode, name));
        if (value == null) {
            throw new FsException(Errno.ENODATA);
        }
        return Rows.attributeOf(inode, value);
    }

    public void set(Caller caller, long inode, byte[] name, byte[] value, int flags) throws FsException {
        if (value.length > LONGEST_VALUE) {
            throw new FsException(Errno.ERANGE, "the value of an extended attribute has at most 65536 bytes");
        }
        AccessListAttributes accessList = AccessListAttributes.of(name);
        if (accessList != null) {
            metadata.run(change -> accessList.set(caller, inode, value, change));
            return;
        }
        Space space = Space.of(name);
        metadata.run(change -> {
            InodeRow row = writable(caller, inode, space, change);
            byte[] key = Rows.attributeKey(inode, name);
            boolean exists = row.attributeCount() > 0 && metadata.rows().get(key) != null;
            if (exists && (flags & CREATE) != 0) {
                throw new FsException(Errno.EEXIST);
            }
            if (!exists && (flags & REPLACE) != 0) {
                throw new FsException(Errno.ENODATA);
            }
            if (!exists) {
                checkRoom(row, name.length);
            }
            change.put(key, Rows.attributeValue(value));
            change.put(row.withAttributeCount(row.attributeCount() + (exists ? 0 : 1))
                    .changedAt(change.now()));
        });
    }

    public void remove(Caller caller, long inode, byte[] name) throws FsException {
        AccessListAttributes accessList = AccessListAttributes.of(name);
        if (accessList != null) {
            metadata.run(change -> accessList.set(caller, inode, new byte[0], change));
            return;
        }
        Space space = Space.of(name);
        metadata.run(change -> {
            InodeRow row = writable(caller, inode, space, change);
            byte[] key = Rows.attributeKey(inode, name);
            if (row.attributeCount() == 0 || metadata.rows().get(key) == null) {
                throw new FsException(Errno.ENODATA);
            }
            change.delete(key);
            change.put(row.withAttributeCount(row.attributeCount() - 1).changedAt(change.now()));
        });
    }

    /** Names without those that the caller may not see. */
    public List<byte[]> list(Caller caller, long inode) throws FsException {
        InodeRow inodeRow = metadata.inode(inode);
        List<byte[]> names = AccessListAttributes.names(inodeRow);
        if (inodeRow.attributeCount() == 0) {
            return names;
        }
        RowCursor cursor = metadata.rows().scan(Rows.attributeKey(inode, new byte[0]), Rows.endOf('X', inode));
        while (cursor.next()) {
            byte[] name = Rows.nameBytes(cursor.key());
            if (Space.of(name) != Space.TRUSTED || caller.isSuperuser()) {
                names.add(name);
            }
        }
        return names;
    }

    private void checkRoom(InodeRow row, int length) throws FsException {
        int bytes = length + 1;
        if (row.attributeCount() > 0) {
            for (byte[] name : list(Caller.ROOT, row.inode())) {
                bytes += name.length + 1;
            }
        }
        if (bytes > LONGEST_LIST) {
            throw new FsException(Errno.ENOSPC, "the names of an inode's extended attributes have at most 65536 bytes");
        }
    }

    private static InodeRow writable(Caller caller, long inode, Space space, Change change) throws FsException {
        InodeRow row = change.inode(inode);
        Permissions.requireUnprotected(row);
        if (space != Space.USER) {
            if (!caller.isSuperuser()) {
                throw new FsException(Errno.EPERM);
            }
            return row;
        }
        if (!row.isRegular() && !row.isDirectory()) {
            throw new FsException(Errno.EPERM, "user attributes belong to files and directories");
        }
        if (row.isDirectory() && (row.permissions() & Permissions.STICKY) != 0) {
            Permissions.requireOwner(caller, row);
        }
        Permissions.require(caller, row, Permissions.WRITE);
        return row;
    }
}
