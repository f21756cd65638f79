package org.qsfs.fs.tree;

import java.util.function.Consumer;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FsException;
import org.qsfs.fs.attr.Permissions;
import org.qsfs.fs.format.EntryRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.inode.Change;
import org.qsfs.fs.inode.Metadata;

/** Adds and removes names: link(2), unlink(2), rmdir(2). */
public final class Linking {
    /** Most names of an inode, as on ext4. Directories are limited by what st_nlink can say. */
    public static final int MOST_LINKS = 65_000;

    private final Metadata metadata;

    public Linking(Metadata metadata) {
        this.metadata = metadata;
    }

    /** Gives an inode another name. */
    public void link(Caller caller, long inode, long directory, FileName name, Consumer<Long> visible)
            throws FsException {
        metadata.run(change -> {
            InodeRow parent = change.directory(directory);
            Permissions.require(caller, parent, Permissions.EXECUTE);
            if (change.entry(directory, name) != null) {
                throw new FsException(Errno.EEXIST);
            }
            Permissions.requireChange(caller, parent);
            InodeRow row = change.inode(inode);
            if (row.isDirectory()) {
                throw new FsException(Errno.EPERM, "a directory has one name");
            }
            if (row.links() == 0 && !metadata.orphans().isLinkable(inode)) {
                throw new FsException(Errno.ENOENT, "inode " + inode + " has no name any more");
            }
            Permissions.requireUnprotected(row);
            requireRoomForLink(row);
            change.putEntry(directory, name, change.linked(row));
            change.put(change.inode(directory).modifiedAt(change.now()));
            change.afterwards(() -> visible.accept(inode));
        });
    }

    /** Removes a name of something that is no directory. */
    public void unlink(Caller caller, long directory, FileName name) throws FsException {
        metadata.run(change -> {
            EntryRow entry = removable(change, caller, directory, name);
            InodeRow child = change.inode(entry.inode());
            if (child.isDirectory()) {
                throw new FsException(Errno.EISDIR);
            }
            change.removeEntry(directory, name, entry);
            change.unlinked(child);
            change.put(change.inode(directory).modifiedAt(change.now()));
        });
    }

    /** Removes an empty directory. */
    public void removeDirectory(Caller caller, long directory, FileName name) throws FsException {
        metadata.run(change -> {
            EntryRow entry = removable(change, caller, directory, name);
            InodeRow child = change.inode(entry.inode());
            if (!child.isDirectory()) {
                throw new FsException(Errno.ENOTDIR);
            }
            requireEmpty(child.inode());
            change.removeEntry(directory, name, entry);
            change.unlinked(child);
            InodeRow parent = change.inode(directory).modifiedAt(change.now());
            change.put(parent.withLinks(parent.links() - 1));
        });
    }

    void requireEmpty(long directory) throws FsException {
        if (metadata.rows()
                .scan(Rows.listingKey(directory, 0), Rows.endOf('O', directory))
                .next()) {
            throw new FsException(Errno.ENOTEMPTY);
        }
    }

    static void requireRoomForLink(InodeRow row) throws FsException {
        int most = row.isDirectory() ? Integer.MAX_VALUE : MOST_LINKS;
        if (row.links() >= most) {
            throw new FsException(Errno.EMLINK, "inode " + row.inode() + " has " + row.links() + " names");
        }
    }

    /** The entry of a name that the caller may remove. */
    static EntryRow removable(Change change, Caller caller, long directory, FileName name) throws FsException {
        InodeRow parent = change.directory(directory);
        Permissions.require(caller, parent, Permissions.EXECUTE);
        EntryRow entry = change.entry(directory, name);
        if (entry == null) {
            throw new FsException(Errno.ENOENT);
        }
        Permissions.requireChange(caller, parent);
        Permissions.requireRemoval(caller, parent, change.inode(entry.inode()));
        return entry;
    }
}
