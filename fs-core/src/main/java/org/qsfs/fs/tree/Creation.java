package org.qsfs.fs.tree;

import java.util.function.Consumer;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fs.InodeFlags;
import org.qsfs.fs.attr.AccessLists;
import org.qsfs.fs.attr.AccessLists.Inherited;
import org.qsfs.fs.attr.Permissions;
import org.qsfs.fs.format.AccessList;
import org.qsfs.fs.format.EntryRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.InodeRow.Times;
import org.qsfs.fs.format.Preallocation;
import org.qsfs.fs.format.Rows;
import org.qsfs.fs.inode.Change;
import org.qsfs.fs.inode.Metadata;

/** Makes inodes with their first name: mknod(2), mkdir(2), symlink(2), open(2) with O_CREAT. */
public final class Creation {
    private final Metadata metadata;

    public Creation(Metadata metadata) {
        this.metadata = metadata;
    }

    /**
     * What open(2) with O_CREAT found or made.
     *
     * @param created false when the name was there
     */
    public record Opened(long inode, boolean created) {}

    /** Makes the root directory of an empty volume. */
    public void makeRoot(int uid, int gid, int permissions) throws FsException {
        metadata.run(change -> {
            long inode = change.newInode();
            if (inode != FileSystem.ROOT) {
                throw new FsException(Errno.EIO, "the root directory of a new volume became inode " + inode);
            }
            change.put(new InodeRow(
                    inode,
                    FileType.DIRECTORY,
                    permissions,
                    2,
                    uid,
                    gid,
                    0,
                    0,
                    0,
                    Times.at(change.now()),
                    0,
                    AccessList.NONE,
                    AccessList.NONE,
                    FileSystem.ROOT,
                    Rows.FIRST_COOKIE,
                    "",
                    0,
                    Preallocation.NONE));
        });
    }

    /**
     * Makes an inode; EEXIST when the name is taken.
     *
     * @param visible called with the inode number before anybody else can remove the name; of {@link #makeOrFind} twice for a new inode, which is
     *     opened at once
     */
    public long make(Caller caller, long directory, FileName name, NewInode wanted, Consumer<Long> visible)
            throws FsException {
        return metadata.change(change -> {
            InodeRow parent = change.directory(directory);
            Permissions.require(caller, parent, Permissions.EXECUTE);
            if (change.entry(directory, name) != null) {
                throw new FsException(Errno.EEXIST);
            }
            return make(change, caller, parent, name, wanted, visible);
        });
    }

    /** Makes a regular file unless the name exists. Errors of the existing inode are left to opening it. */
    public Opened makeOrFind(
            Caller caller, long directory, FileName name, int permissions, boolean exclusive, Consumer<Long> visible)
            throws FsException {
        return metadata.change(change -> {
            InodeRow parent = change.directory(directory);
            Permissions.require(caller, parent, Permissions.EXECUTE);
            EntryRow entry = change.entry(directory, name);
            if (entry == null) {
                NewInode file = NewInode.file(permissions);
                long inode = make(change, caller, parent, name, file, visible.andThen(visible));
                return new Opened(inode, true);
            }
            if (exclusive) {
                throw new FsException(Errno.EEXIST);
            }
            visible.accept(entry.inode());
            return new Opened(entry.inode(), false);
        });
    }

    /**
     * Makes a regular file without a name, an orphan from the beginning.
     *
     * @param linkable whether it may get a name later
     * @param visible called twice with the inode number: for the lookup and for the handle
     */
    public long makeNameless(Caller caller, long directory, int permissions, boolean linkable, Consumer<Long> visible)
            throws FsException {
        return metadata.change(change -> {
            InodeRow parent = change.directory(directory);
            Permissions.requireChange(caller, parent);
            InodeRow row = newRow(change, caller, parent, NewInode.file(permissions));
            change.afterwards(() -> visible.andThen(visible).accept(row.inode()));
            change.putNameless(row, linkable);
            return row.inode();
        });
    }

    private static long make(
            Change change, Caller caller, InodeRow parent, FileName name, NewInode wanted, Consumer<Long> visible)
            throws FsException {
        Permissions.requireChange(caller, parent);
        if (wanted.isDevice() && !wanted.isWhiteout() && !caller.isSuperuser()) {
            throw new FsException(Errno.EPERM, "only the superuser makes device nodes");
        }
        InodeRow row = newRow(change, caller, parent, wanted);
        change.put(row);
        change.putEntry(parent.inode(), name, row);
        InodeRow after = change.inode(parent.inode()).modifiedAt(change.now());
        if (row.isDirectory()) {
            Linking.requireRoomForLink(after);
            after = after.withLinks(after.links() + 1);
        }
        change.put(after);
        change.afterwards(() -> visible.accept(row.inode()));
        return row.inode();
    }

    /** A new inode without a name for what a rename with RENAME_WHITEOUT leaves. */
    static InodeRow whiteout(Change change, Caller caller, InodeRow parent) throws FsException {
        return newRow(change, caller, parent, NewInode.WHITEOUT);
    }

    private static InodeRow newRow(Change change, Caller caller, InodeRow parent, NewInode wanted) throws FsException {
        boolean directory = wanted.type() == FileType.DIRECTORY;
        boolean inherits = (parent.permissions() & Permissions.SET_GROUP_ID) != 0;
        int gid = inherits ? parent.gid() : caller.gid();
        Inherited rights = rights(caller, wanted, parent, gid);
        long inode = change.newInode();
        return new InodeRow(
                inode,
                wanted.type(),
                rights.permissions(),
                directory ? 2 : 1,
                caller.uid(),
                gid,
                wanted.target().length(),
                0,
                wanted.device(),
                Times.at(change.now()),
                0,
                rights.access(),
                directory ? parent.defaults() : AccessList.NONE,
                directory ? parent.inode() : 0,
                directory ? Rows.FIRST_COOKIE : 0,
                wanted.target(),
                InodeFlags.inherited(parent.flags(), wanted.type()),
                Preallocation.NONE);
    }

    /** Mode and access list: what was asked for, less the umask or what the directory's default list allows. */
    private static Inherited rights(Caller caller, NewInode wanted, InodeRow parent, int gid) {
        if (wanted.type() == FileType.SYMLINK) {
            return new Inherited(wanted.permissions(), AccessList.NONE);
        }
        Inherited rights = parent.defaults().isEmpty()
                ? new Inherited(wanted.permissions() & ~caller.umask(), AccessList.NONE)
                : AccessLists.inherit(parent.defaults(), wanted.permissions());
        return new Inherited(specialBits(caller, wanted, parent, gid, rights.permissions()), rights.access());
    }

    private static int specialBits(Caller caller, NewInode wanted, InodeRow parent, int gid, int permissions) {
        if (wanted.type() == FileType.DIRECTORY) {
            return permissions | (parent.permissions() & Permissions.SET_GROUP_ID);
        }
        boolean foreignGroup = !caller.isSuperuser() && !caller.isMember(gid);
        boolean groupExecutable = (permissions & 0010) != 0;
        return foreignGroup && groupExecutable ? permissions & ~Permissions.SET_GROUP_ID : permissions;
    }
}
