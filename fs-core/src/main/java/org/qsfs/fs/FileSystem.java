package org.qsfs.fs;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The filesystem as the kernel sees it: inodes, not paths. Both FUSE bindings and the library's path view stand on this interface.
 *
 * <p>Every method may be called by many threads at once. Every method that fails throws {@link FsException} with the error number POSIX asks for; it has then
 * changed nothing. Permissions are checked here, for every caller but the superuser. An inode number stays valid while it has a name, is open, or was
 * looked up more often than forgotten.
 *
 * <p>Durability: a change is visible to every later call when the method returns, and on disk after {@link #fsync} (or
 * {@link #fsyncDirectory}) of the inode concerned; without it at most {@code commit_interval} later.
 */
public interface FileSystem {
    /** The root directory. */
    long ROOT = 1;

    /** Finds a name in a directory and counts one lookup of the inode. */
    Attributes lookup(Caller caller, long directory, FileName name) throws FsException;

    /**
     * Finds an inode by its number and counts one lookup: for those who kept the number and nothing else, as open_by_handle_at(2) and NFS do. Numbers are never used
     * again, so it is the inode that had the number at any time before. Nobody's rights are checked. ESTALE when it has no name any more.
     */
    Attributes lookup(long inode) throws FsException;

    /** Takes back {@code count} lookups. Never fails; unknown inodes are ignored. */
    void forget(long inode, long count);

    Attributes getAttributes(long inode) throws FsException;

    /** Changes attributes by the rules of chmod(2), chown(2), truncate(2) and utimensat(2) and returns the new ones. */
    Attributes setAttributes(Caller caller, long inode, SetAttributes change) throws FsException;

    /** Checks {@code R_OK 4 | W_OK 2 | X_OK 1} as access(2) does. */
    void access(Caller caller, long inode, int mask) throws FsException;

    /** Makes a regular file, fifo, socket or device node; counts one lookup. */
    Attributes makeNode(Caller caller, long directory, FileName name, FileType type, int permissions, int device)
            throws FsException;

    Attributes makeDirectory(Caller caller, long directory, FileName name, int permissions) throws FsException;

    /** Makes a symbolic link; the target is 1 to 4,095 bytes. */
    Attributes makeSymlink(Caller caller, long directory, FileName name, byte[] target) throws FsException;

    byte[] readSymlink(long inode) throws FsException;

    /** Gives an inode that is no directory another name; counts one lookup. */
    Attributes link(Caller caller, long inode, long newDirectory, FileName newName) throws FsException;

    void unlink(Caller caller, long directory, FileName name) throws FsException;

    void removeDirectory(Caller caller, long directory, FileName name) throws FsException;

    /**
     * rename(2), renameat2(2). {@code flags}: 0, {@link #RENAME_EXCHANGE}, or any of {@link #RENAME_NOREPLACE} and {@link #RENAME_WHITEOUT}; others EINVAL.
     */
    void rename(Caller caller, long directory, FileName name, long newDirectory, FileName newName, int flags)
            throws FsException;

    int RENAME_NOREPLACE = 1;
    int RENAME_EXCHANGE = 2;
    /** The old name stays, as a character device 0:0: how an overlay says that a name of a lower layer is gone. */
    int RENAME_WHITEOUT = 4;

    /** A file that {@link #create} made or opened. */
    record Created(Attributes attributes, long handle) {}

    /** Creates (or opens, unless {@link OpenFlags#EXCLUSIVE}) a regular file and opens it; counts one lookup. */
    Created create(Caller caller, long directory, FileName name, int permissions, int flags) throws FsException;

    /**
     * Makes a regular file that has no name and opens it, as open(2) with O_TMPFILE does; counts one lookup. Unless {@link OpenFlags#EXCLUSIVE}, {@link #link} may name it while it is open;
     * else it goes when it is closed. EOPNOTSUPP where that is not possible.
     */
    default Created createNameless(Caller caller, long directory, int permissions, int flags) throws FsException {
        throw new FsException(Errno.EOPNOTSUPP);
    }

    /** Opens a regular file by {@link OpenFlags} and returns a handle. TRUNCATE is obeyed. */
    long open(Caller caller, long inode, int flags) throws FsException;

    /**
     * Reads into {@code target} from its position to its limit.
     *
     * @return bytes read; fewer than remaining only at the end of the file, 0 at or behind it
     */
    int read(long handle, long offset, ByteBuffer target) throws FsException;

    /**
     * Writes all of {@code source}. With {@link OpenFlags#APPEND} the offset is ignored and the end of the file taken, atomically against other writers.
     *
     * @return bytes written, always all
     */
    int write(long handle, long offset, ByteBuffer source) throws FsException;

    /**
     * Writes bytes that the kernel took earlier, through a mapping or into its writeback cache: also when the file has become immutable meanwhile.
     *
     * @return bytes written, always all
     */
    default int writeBack(long handle, long offset, ByteBuffer source) throws FsException {
        return write(handle, offset, source);
    }

    /** ftruncate(2): sets the size of a file that is open for writing, whatever its permissions say by now. */
    Attributes truncate(long handle, long size) throws FsException;

    /** What close(2) reports: an error of earlier write-back of this file, if any. */
    void flush(long handle) throws FsException;

    /** Returns when the content of the file and the metadata needed to read it are on disk; with {@code dataOnly} times may lag. */
    void fsync(long handle, boolean dataOnly) throws FsException;

    /** Closes the handle. Never fails; an unknown handle is ignored. */
    void release(long handle);

    /** fallocate(2): {@code mode} 0, KEEP_SIZE 1, PUNCH_HOLE 2 (with KEEP_SIZE), ZERO_RANGE 16; others EOPNOTSUPP. */
    void allocate(long handle, long offset, long length, int mode) throws FsException;

    /** lseek(2) with SEEK_DATA (3) or SEEK_HOLE (4); ENXIO behind the end. */
    long seek(long handle, long offset, int whence) throws FsException;

    /** copy_file_range(2) by sharing extents where it can. @return bytes copied */
    long copyRange(long from, long fromOffset, long to, long toOffset, long length) throws FsException;

    /** Opens a directory for listing. */
    long openDirectory(Caller caller, long inode) throws FsException;

    /** Up to {@code limit} entries behind {@code cookie} (0 or 2: from the start), in cookie order. Empty at the end: what was made since the listing began need not be in it. */
    List<DirectoryEntry> readDirectory(long handle, long cookie, int limit) throws FsException;

    void fsyncDirectory(long handle) throws FsException;

    void releaseDirectory(long handle);

    /** The parent of a directory; of the root the root itself. */
    long parent(long directory) throws FsException;

    byte[] getExtendedAttribute(Caller caller, long inode, byte[] name) throws FsException;

    /** {@code flags}: 0, XATTR_CREATE 1, XATTR_REPLACE 2. Values up to 65,536 bytes. */
    void setExtendedAttribute(Caller caller, long inode, byte[] name, byte[] value, int flags) throws FsException;

    List<byte[]> listExtendedAttributes(Caller caller, long inode) throws FsException;

    void removeExtendedAttribute(Caller caller, long inode, byte[] name) throws FsException;

    /** What lsattr(1) shows: {@link InodeFlags}. ENOTTY for what is neither a file nor a directory, or where flags are not kept. */
    default int flags(long inode) throws FsException {
        throw new FsException(Errno.ENOTTY);
    }

    /** What chattr(1) does: replaces the {@link InodeFlags}. EOPNOTSUPP for others. */
    default void setFlags(Caller caller, long inode, int flags) throws FsException {
        throw new FsException(Errno.ENOTTY);
    }

    FilesystemStatistics statistics() throws FsException;
}
