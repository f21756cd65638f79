package org.qsfs.fuse.kernel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fuse.session.PrivilegeBits;

/**
 * Takes set-user-id, set-group-id and file capabilities from files that are written to, truncated or given away, as {@code FUSE_HANDLE_KILLPRIV_V2} obliges
 * us to. The kernel says when the two bits must go (never for a caller with CAP_FSETID); capabilities go at every such change. So that a write need not look
 * for capabilities, they are looked for when a file is opened for writing or given some, and the few inodes that have any are remembered.
 */
final class FilePrivileges {
    private static final byte[] CAPABILITY = "security.capability".getBytes(StandardCharsets.US_ASCII);

    private final FileSystem fileSystem;
    private final Set<Long> capable = ConcurrentHashMap.newKeySet();

    FilePrivileges(FileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    /** A file of which it is not known whether it has a capability counts as one that has. */
    void openedForWriting(long inode) {
        try {
            fileSystem.getExtendedAttribute(Caller.ROOT, inode, CAPABILITY);
            capable.add(inode);
        } catch (FsException e) {
            if (meansNone(e)) {
                capable.remove(inode);
            } else {
                capable.add(inode);
            }
        }
    }

    void attributeSet(long inode, byte[] name) {
        if (Arrays.equals(name, CAPABILITY)) {
            capable.add(inode);
        }
    }

    void forgotten(long inode) {
        if (!capable.isEmpty()) {
            capable.remove(inode);
        }
    }

    /** Content is about to change. {@code killBits} is what the kernel said. */
    void beforeWrite(Exchange x, long inode, boolean killBits) throws FsException {
        if (!capable.isEmpty() && capable.remove(inode)) {
            removeCapability(inode);
        }
        if (killBits) {
            PrivilegeBits.clear(fileSystem, x.caller(), inode);
        }
    }

    /** Size or owner has changed, maybe of a file that nobody has open. */
    void afterChange(Exchange x, long inode, boolean killBits) throws FsException {
        capable.remove(inode);
        removeCapability(inode);
        if (killBits) {
            PrivilegeBits.clear(fileSystem, x.caller(), inode);
        }
    }

    private void removeCapability(long inode) throws FsException {
        try {
            fileSystem.removeExtendedAttribute(Caller.ROOT, inode, CAPABILITY);
        } catch (FsException e) {
            if (!meansNone(e)) {
                capable.add(inode);
                throw e;
            }
        }
    }

    /** Whether the file has no capability, or keeps no extended attributes. */
    private static boolean meansNone(FsException e) {
        return e.errno() == Errno.ENODATA || e.errno() == Errno.EOPNOTSUPP;
    }
}
