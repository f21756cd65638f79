package org.qsfs.fs.tree;

import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fs.attr.Permissions;
import org.qsfs.fs.format.EntryRow;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.inode.Change;
import org.qsfs.fs.inode.Metadata;

/** rename(2) and renameat2(2), each in one transaction. */
public final class Renaming {
    private static final int WITHOUT_EXCHANGE = FileSystem.RENAME_NOREPLACE | FileSystem.RENAME_WHITEOUT;

    private final Metadata metadata;
    private final Linking linking;

    public Renaming(Metadata metadata, Linking linking) {
        this.metadata = metadata;
        this.linking = linking;
    }

    /** One of the two places of a rename. */
    private record Place(long directory, FileName name) {}

    public void rename(Caller caller, long directory, FileName name, long newDirectory, FileName newName, int flags)
            throws FsException {
        if ((flags & ~WITHOUT_EXCHANGE) != 0 && flags != FileSystem.RENAME_EXCHANGE) {
            throw new FsException(Errno.EINVAL, "rename flags " + flags);
        }
        Place from = new Place(directory, name);
        Place to = new Place(newDirectory, newName);
        metadata.run(change -> {
            EntryRow source = find(change, caller, from);
            EntryRow target = find(change, caller, to);
            if (source == null) {
                throw new FsException(Errno.ENOENT);
            }
            if ((flags & FileSystem.RENAME_NOREPLACE) != 0 && target != null) {
                throw new FsException(Errno.EEXIST);
            }
            if (flags == FileSystem.RENAME_EXCHANGE && target == null) {
                throw new FsException(Errno.ENOENT);
            }
            InodeRow moved = change.inode(source.inode());
            requireNoLoop(change, moved, to.directory());
            if (target != null && flags == FileSystem.RENAME_EXCHANGE) {
                InodeRow other = change.inode(target.inode());
                requireNoLoop(change, other, from.directory());
                exchange(change, caller, from, moved, to, other);
            } else if (target == null || target.inode() != source.inode()) {
                move(change, caller, from, moved, to, target);
                if ((flags & FileSystem.RENAME_WHITEOUT) != 0) {
                    InodeRow whiteout = Creation.whiteout(change, caller, change.inode(from.directory()));
                    change.put(whiteout);
                    change.putEntry(from.directory(), from.name(), whiteout);
                } else {
                    change.removeEntry(from.directory(), from.name(), source);
                }
            }
        });
    }

    /** Makes the new name stand for what is moved; the old one still does. */
    private void move(Change change, Caller caller, Place from, InodeRow moved, Place to, @Nullable EntryRow target)
            throws FsException {
        requireMovable(change, caller, from, moved, to);
        Permissions.requireChange(caller, change.directory(to.directory()));
        int subdirectories = moved.isDirectory() ? 1 : 0;
        if (target != null) {
            InodeRow replaced = change.inode(target.inode());
            Permissions.requireRemoval(caller, change.directory(to.directory()), replaced);
            requireReplaceable(moved, replaced);
            if (replaced.isDirectory()) {
                subdirectories--;
            }
            change.unlinked(replaced);
        }
        change.putEntry(to.directory(), to.name(), moved);
        arrived(change, moved, to);
        if (from.directory() != to.directory()) {
            touch(change, from, moved.isDirectory() ? -1 : 0);
            touch(change, to, subdirectories);
        } else {
            // a directory that replaced another one leaves one sub-directory less
            touch(change, from, target != null && moved.isDirectory() ? -1 : 0);
        }
    }

    private static void exchange(Change change, Caller caller, Place from, InodeRow moved, Place to, InodeRow other)
            throws FsException {
        requireMovable(change, caller, from, moved, to);
        requireMovable(change, caller, to, other, from);
        if (moved.inode() == other.inode()) {
            return;
        }
        change.putEntry(from.directory(), from.name(), other);
        change.putEntry(to.directory(), to.name(), moved);
        arrived(change, moved, to);
        arrived(change, other, from);
        int balance = (moved.isDirectory() ? 1 : 0) - (other.isDirectory() ? 1 : 0);
        touch(change, from, from.directory() == to.directory() ? 0 : -balance);
        if (from.directory() != to.directory()) {
            touch(change, to, balance);
        }
    }

    private static @Nullable EntryRow find(Change change, Caller caller, Place place) throws FsException {
        InodeRow directory = change.directory(place.directory());
        Permissions.require(caller, directory, Permissions.EXECUTE);
        return change.entry(place.directory(), place.name());
    }

    /** The rules for taking a name away, and for a directory the one for changing its {@code ..}. */
    private static void requireMovable(Change change, Caller caller, Place from, InodeRow moved, Place to)
            throws FsException {
        InodeRow directory = change.directory(from.directory());
        Permissions.requireChange(caller, directory);
        Permissions.requireRemoval(caller, directory, moved);
        if (moved.isDirectory() && from.directory() != to.directory()) {
            Permissions.require(caller, moved, Permissions.WRITE);
        }
    }

    private void requireReplaceable(InodeRow moved, InodeRow replaced) throws FsException {
        if (moved.isDirectory() && !replaced.isDirectory()) {
            throw new FsException(Errno.ENOTDIR);
        }
        if (!moved.isDirectory() && replaced.isDirectory()) {
            throw new FsException(Errno.EISDIR);
        }
        if (replaced.isDirectory()) {
            linking.requireEmpty(replaced.inode());
        }
    }

    /** EINVAL when {@code directory} is the moved directory or below it. */
    private static void requireNoLoop(Change change, InodeRow moved, long directory) throws FsException {
        if (!moved.isDirectory()) {
            return;
        }
        long at = directory;
        while (at != moved.inode()) {
            if (at == FileSystem.ROOT) {
                return;
            }
            at = change.inode(at).parent();
        }
        throw new FsException(Errno.EINVAL, "a directory cannot be moved below itself");
    }

    private static void arrived(Change change, InodeRow moved, Place place) throws FsException {
        InodeRow row = change.inode(moved.inode()).changedAt(change.now());
        change.put(row.isDirectory() ? row.withParent(place.directory()) : row);
    }

    private static void touch(Change change, Place place, int subdirectories) throws FsException {
        InodeRow directory = change.inode(place.directory()).modifiedAt(change.now());
        change.put(directory.withLinks(directory.links() + subdirectories));
    }
}
