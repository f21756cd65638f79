package org.qsfs.fuse.kernel;

import org.qsfs.fs.Attributes;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;
import org.qsfs.fuse.session.Lookup;

/**
 * Requests about names. {@code nodeid} is the directory, but the linked inode's new directory in a LINK. Names end in NUL.
 *
 * <pre>
 * LOOKUP   0 name                                         MKNOD    0 mode 4, 4 rdev 4, 8 umask 4, 12 padding 4, 16 name
 * UNLINK   0 name                                         MKDIR    0 mode 4, 4 umask 4, 8 name
 * RMDIR    0 name                                         LINK     0 oldnodeid 8, 8 name
 * SYMLINK  0 name, then target                            RENAME   0 newdir 8, 8 name, then new name
 * READLINK nothing                                        RENAME2  0 newdir 8, 8 flags 4, 12 padding 4, 16 name, then new name
 * FORGET   0 nlookup 8                                    BATCH_FORGET  0 count 4, 4 dummy 4, 8 {nodeid 8, nlookup 8}...
 * </pre>
 *
 * The reply of those that find or make an inode is {@link EntryOut}; of READLINK the target without NUL; of the others nothing. FORGET has none.
 */
final class NameRequests {
    private static final int PERMISSIONS = 07777;

    private final FileSystem fileSystem;
    private final EntryOut entries;
    private final FilePrivileges privileges;

    NameRequests(FileSystem fileSystem, EntryOut entries, FilePrivileges privileges) {
        this.fileSystem = fileSystem;
        this.entries = entries;
        this.privileges = privileges;
    }

    void lookup(Exchange x) throws FsException {
        Attributes found;
        try {
            found = Lookup.of(fileSystem, x.caller(), x.node(), x.stringAt(0));
        } catch (FsException e) {
            if (e.errno() != Errno.ENOENT || !entries.remembers()) {
                throw e;
            }
            entries.putNone(x.body(), 0);
            x.reply(EntryOut.SIZE);
            return;
        }
        entry(x, found);
    }

    private void entry(Exchange x, Attributes attributes) {
        entries.put(x.body(), 0, attributes);
        if (!x.reply(EntryOut.SIZE)) {
            fileSystem.forget(attributes.inode(), 1);
        }
    }

    void forget(Exchange x) {
        forget(x.node(), x.longAt(0));
    }

    void forgetMany(Exchange x) {
        int count = x.intAt(0);
        for (int i = 0; i < count; i++) {
            forget(x.longAt(8 + 16 * i), x.longAt(16 + 16 * i));
        }
    }

    private void forget(long inode, long count) {
        privileges.forgotten(inode);
        fileSystem.forget(inode, count);
    }

    void makeNode(Exchange x) throws FsException {
        int mode = x.intAt(0);
        entry(
                x,
                fileSystem.makeNode(
                        x.caller(x.intAt(8)),
                        x.node(),
                        x.nameAt(16),
                        FileType.ofMode(mode),
                        mode & PERMISSIONS,
                        x.intAt(4)));
    }

    void makeDirectory(Exchange x) throws FsException {
        entry(x, fileSystem.makeDirectory(x.caller(x.intAt(4)), x.node(), x.nameAt(8), x.intAt(0) & PERMISSIONS));
    }

    void makeSymlink(Exchange x) throws FsException {
        byte[] name = x.stringAt(0);
        entry(
                x,
                fileSystem.makeSymlink(
                        x.caller(), x.node(), org.qsfs.fs.FileName.of(name), x.stringAt(name.length + 1)));
    }

    void readSymlink(Exchange x) throws FsException {
        byte[] target = fileSystem.readSymlink(x.node());
        x.bodyBuffer(target.length).put(target);
        x.reply(target.length);
    }

    void link(Exchange x) throws FsException {
        entry(x, fileSystem.link(x.caller(), x.longAt(0), x.node(), x.nameAt(8)));
    }

    void unlink(Exchange x) throws FsException {
        fileSystem.unlink(x.caller(), x.node(), x.nameAt(0));
        x.reply(0);
    }

    void removeDirectory(Exchange x) throws FsException {
        fileSystem.removeDirectory(x.caller(), x.node(), x.nameAt(0));
        x.reply(0);
    }

    void rename(Exchange x) throws FsException {
        rename(x, 8, 0);
    }

    void renameWithFlags(Exchange x) throws FsException {
        rename(x, 16, x.intAt(8));
    }

    private void rename(Exchange x, int names, int flags) throws FsException {
        byte[] name = x.stringAt(names);
        fileSystem.rename(
                x.caller(),
                x.node(),
                org.qsfs.fs.FileName.of(name),
                x.longAt(0),
                x.nameAt(names + name.length + 1),
                flags);
        x.reply(0);
    }
}
