package org.qsfs.fuse.session;

import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;

/**
 * What a LOOKUP asks for.
 *
 * <p>Paths with dots are walked by the kernel alone. It asks for "." when somebody opens a file handle (open_by_handle_at(2), an NFS server) of an inode that it has forgotten, or that an
 * earlier mount gave it: the node is then the number in the handle. It asks for ".." to find the way from such a directory up to the root.
 */
public final class Lookup {
    private Lookup() {}

    /** Finds a name, or an inode by its number, and counts one lookup. */
    public static Attributes of(FileSystem fileSystem, Caller caller, long node, byte[] name) throws FsException {
        if (name.length == 1 && name[0] == '.') {
            return forgotten(fileSystem, node);
        }
        if (name.length == 2 && name[0] == '.' && name[1] == '.') {
            return fileSystem.lookup(fileSystem.parent(node));
        }
        return fileSystem.lookup(caller, node, FileName.of(name));
    }

    /** One without a name is gone, since nobody has it open: word of that may still be on its way to us. */
    private static Attributes forgotten(FileSystem fileSystem, long node) throws FsException {
        Attributes found = fileSystem.lookup(node);
        if (found.links() == 0) {
            fileSystem.forget(node, 1);
            throw new FsException(Errno.ESTALE);
        }
        return found;
    }
}
