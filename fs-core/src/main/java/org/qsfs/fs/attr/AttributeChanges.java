package org.qsfs.fs.attr;

import org.jspecify.annotations.Nullable;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.SetAttributes;
import org.qsfs.fs.Timestamp;
import org.qsfs.fs.data.FileContents;
import org.qsfs.fs.data.FileData;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.format.InodeRow.Times;
import org.qsfs.fs.inode.Metadata;

/** chmod(2), chown(2), truncate(2), utimensat(2). */
public final class AttributeChanges {
    private final Metadata metadata;
    private final FileContents contents;

    public AttributeChanges(Metadata metadata, FileContents contents) {
        this.metadata = metadata;
        this.contents = contents;
    }

    /** Checks all parts of a change, then makes them. */
    public void apply(Caller caller, long inode, SetAttributes change) throws FsException {
        metadata.checkWritable();
        check(caller, metadata.inode(inode), change);
        Long size = change.size();
        if (size != null) {
            resize(caller, inode, size);
        }
        if (change.modified() != null || change.modifiedNow()) {
            // a write before this must not set the time after it
            contents.flush(inode);
        }
        if (change.permissions() != null
                || change.uid() != null
                || change.gid() != null
                || change.accessed() != null
                || change.modified() != null
                || change.accessedNow()
                || change.modifiedNow()) {
            metadata.run(transaction -> {
                InodeRow row = transaction.inode(inode);
                check(caller, row, change);
                transaction.put(changed(caller, row, change, transaction.now()));
                if (change.accessed() != null || change.accessedNow()) {
                    transaction.afterwards(() -> metadata.accessTimes().forget(inode));
                }
            });
        }
    }

    private void resize(Caller caller, long inode, long size) throws FsException {
        FileData file = contents.acquire(inode);
        try {
            contents.resize(file, size, row -> Permissions.afterWrite(caller, row));
        } finally {
            contents.release(file);
        }
    }

    private static InodeRow changed(Caller caller, InodeRow before, SetAttributes change, Timestamp now) {
        InodeRow row = before;
        if (change.uid() != null || change.gid() != null) {
            row = Permissions.withoutPrivileges(caller, row)
                    .withOwner(or(change.uid(), row.uid()), or(change.gid(), row.gid()));
        }
        Integer permissions = change.permissions();
        if (permissions != null) {
            boolean foreignGroup = !caller.isSuperuser() && !caller.isMember(row.gid());
            row = Permissions.withMode(row, foreignGroup ? permissions & ~Permissions.SET_GROUP_ID : permissions);
        }
        Times times = row.times().withChanged(now);
        Timestamp accessed = change.accessedNow() ? now : change.accessed();
        if (accessed != null) {
            times = times.withAccessed(accessed);
        }
        Timestamp modified = change.modifiedNow() ? now : change.modified();
        if (modified != null) {
            times = times.withModified(modified);
        }
        return row.withTimes(times);
    }

    private static int or(@Nullable Integer wanted, int present) {
        return wanted == null ? present : wanted;
    }

    private static void check(Caller caller, InodeRow row, SetAttributes change) throws FsException {
        checkFlags(row, change);
        if (change.permissions() != null) {
            Permissions.requireOwner(caller, row);
        }
        checkOwner(caller, row, change);
        checkTimes(caller, row, change);
        Long size = change.size();
        if (size != null) {
            if (row.isDirectory()) {
                throw new FsException(Errno.EISDIR);
            }
            if (!row.isRegular() || size < 0) {
                throw new FsException(Errno.EINVAL, "size " + size);
            }
            Permissions.require(caller, row, Permissions.WRITE);
        }
    }

    /** What is append-only may be touched, but gets no other time. */
    private static void checkFlags(InodeRow row, SetAttributes change) throws FsException {
        boolean touches = change.permissions() == null
                && change.uid() == null
                && change.gid() == null
                && change.size() == null
                && change.accessed() == null
                && change.modified() == null;
        if (touches) {
            Permissions.requireMutable(row);
        } else {
            Permissions.requireUnprotected(row);
        }
    }

    private static void checkOwner(Caller caller, InodeRow row, SetAttributes change) throws FsException {
        if (caller.isSuperuser() || (change.uid() == null && change.gid() == null)) {
            return;
        }
        Permissions.requireOwner(caller, row);
        int gid = or(change.gid(), row.gid());
        if (or(change.uid(), row.uid()) != row.uid() || (gid != row.gid() && !caller.isMember(gid))) {
            throw new FsException(Errno.EPERM);
        }
    }

    private static void checkTimes(Caller caller, InodeRow row, SetAttributes change) throws FsException {
        if (Permissions.isOwner(caller, row)) {
            return;
        }
        if (change.accessed() != null || change.modified() != null || change.accessedNow() != change.modifiedNow()) {
            throw new FsException(Errno.EPERM);
        }
        if (change.accessedNow()) {
            Permissions.require(caller, row, Permissions.WRITE);
        }
    }
}
