package org.qsfs.fs.handle;

import java.nio.ByteBuffer;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FsException;
import org.qsfs.fs.InodeFlags;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fs.attr.Permissions;
import org.qsfs.fs.data.FileContents;
import org.qsfs.fs.data.FileData;
import org.qsfs.fs.format.InodeRow;
import org.qsfs.fs.handle.Handle.OpenFile;
import org.qsfs.fs.inode.Metadata;

/**
 * Calls on open regular files. Rights were checked when the file was opened. Safe for many threads.
 *
 * <p>A handle that is open for writing only may be read: the kernel does so to complete a page that an application has written a part of.
 */
public final class OpenFiles {
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int ZERO_RANGE = 16;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private final Metadata metadata;
    private final FileContents contents;
    private final Handles handles;

    public OpenFiles(Metadata metadata, FileContents contents, Handles handles) {
        this.metadata = metadata;
        this.contents = contents;
        this.handles = handles;
    }

    /** Opens a regular file if the caller may. */
    public long open(Caller caller, long inode, int flags) throws FsException {
        metadata.orphans().reference(inode);
        try {
            InodeRow row = metadata.inode(inode);
            switch (row.type()) {
                case REGULAR -> {}
                case DIRECTORY -> throw new FsException(Errno.EISDIR);
                case SYMLINK -> throw new FsException(Errno.ELOOP);
                case FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE -> throw new FsException(Errno.ENXIO);
            }
            boolean truncates = (flags & OpenFlags.TRUNCATE) != 0;
            int reading = (flags & OpenFlags.EXECUTE) != 0 ? Permissions.EXECUTE : Permissions.READ;
            int mask = (OpenFlags.reads(flags) ? reading : 0)
                    | (OpenFlags.writes(flags) || truncates ? Permissions.WRITE : 0);
            Permissions.require(caller, row, mask);
            if ((mask & Permissions.WRITE) != 0 && (truncates || (flags & OpenFlags.APPENDS) == 0)) {
                Permissions.requireUnprotected(row);
            }
            if ((mask & Permissions.WRITE) != 0) {
                metadata.checkWritable();
            }
            FileData data = contents.acquire(inode);
            if (truncates) {
                truncate(data, caller, 0);
            }
            return handles.add(new OpenFile(data, inode, flags, writer(caller, flags)));
        } catch (FsException e) {
            metadata.orphans().dereference(inode, 1);
            throw e;
        }
    }

    /** Opens a file that the caller has just made, whatever its permissions; the reference was taken when it was made. */
    public long openCreated(Caller caller, long inode, int flags) {
        return handles.add(new OpenFile(contents.acquire(inode), inode, flags, writer(caller, flags)));
    }

    private static Caller writer(Caller opener, int flags) {
        return (flags & OpenFlags.KEEP_PRIVILEGES) != 0 ? Caller.ROOT : opener;
    }

    public int read(long handle, long offset, ByteBuffer target) throws FsException {
        OpenFile file = handles.file(handle);
        if (offset < 0) {
            throw new FsException(Errno.EINVAL, "offset " + offset);
        }
        int count = contents.read(file.data(), offset, target);
        if (file.movesAccessTime()) {
            metadata.accessTimes().accessed(metadata.inode(file.inode()), metadata.now());
        }
        return count;
    }

    public int write(long handle, long offset, ByteBuffer source) throws FsException {
        OpenFile file = handles.writableFile(handle);
        InodeRow row = metadata.inode(file.inode());
        Permissions.requireMutable(row);
        return write(file, row, offset, source);
    }

    /** Writes what the kernel took, maybe before the file became immutable. */
    public int writeBack(long handle, long offset, ByteBuffer source) throws FsException {
        OpenFile file = handles.writableFile(handle);
        return write(file, metadata.inode(file.inode()), offset, source);
    }

    private int write(OpenFile file, InodeRow row, long offset, ByteBuffer source) throws FsException {
        if (!source.hasRemaining()) {
            return 0;
        }
        if (Permissions.losesPrivileges(file.writer(), row)) {
            metadata.run(change -> change.put(Permissions.afterWrite(file.writer(), change.inode(file.inode()))));
        }
        int count = contents.write(file.data(), offset, file.appends(), source);
        if (file.syncs() || row.has(InodeFlags.SYNC)) {
            sync(file);
        }
        return count;
    }

    /** @return the inode whose size was set */
    public long truncate(long handle, long size) throws FsException {
        OpenFile file = handles.file(handle);
        if (!OpenFlags.writes(file.flags()) || size < 0) {
            throw new FsException(Errno.EINVAL, "size " + size);
        }
        Permissions.requireUnprotected(metadata.inode(file.inode()));
        contents.resize(file.data(), size, row -> Permissions.afterWrite(file.writer(), row));
        return file.inode();
    }

    public void flush(long handle) throws FsException {
        contents.flush(handles.file(handle).data());
    }

    public void fsync(long handle) throws FsException {
        sync(handles.file(handle));
    }

    /** Closes an open file. */
    public void release(OpenFile file) {
        contents.release(file.data());
        metadata.orphans().dereference(file.inode(), 1);
    }

    public void allocate(long handle, long offset, long length, int mode) throws FsException {
        OpenFile file = handles.writableFile(handle);
        if ((mode & ~(KEEP_SIZE | PUNCH_HOLE | ZERO_RANGE)) != 0
                || ((mode & PUNCH_HOLE) != 0 && mode != (PUNCH_HOLE | KEEP_SIZE))) {
            throw new FsException(Errno.EOPNOTSUPP);
        }
        if (offset < 0 || length <= 0) {
            throw new FsException(Errno.EINVAL, "offset %d, length %d".formatted(offset, length));
        }
        if (offset > Long.MAX_VALUE - length) {
            throw new FsException(Errno.EFBIG);
        }
        InodeRow before = metadata.inode(file.inode());
        if ((mode & ~KEEP_SIZE) == 0) {
            Permissions.requireMutable(before);
        } else {
            Permissions.requireUnprotected(before);
        }
        contents.allocate(file.data(), offset, length, mode, row -> Permissions.afterWrite(file.writer(), row));
    }

    public long seek(long handle, long offset, int whence) throws FsException {
        if (whence != SEEK_DATA && whence != SEEK_HOLE) {
            throw new FsException(Errno.EINVAL, "whence " + whence);
        }
        return contents.seek(handles.file(handle).data(), offset, whence);
    }

    public long copyRange(long from, long fromOffset, long to, long toOffset, long length) throws FsException {
        OpenFile source = handles.file(from);
        OpenFile target = handles.writableFile(to);
        if (!OpenFlags.reads(source.flags()) || target.appends()) {
            throw new FsException(Errno.EBADF);
        }
        if (fromOffset < 0 || toOffset < 0 || length < 0) {
            throw new FsException(Errno.EINVAL, "offsets %d and %d, length %d".formatted(fromOffset, toOffset, length));
        }
        Permissions.requireMutable(metadata.inode(target.inode()));
        return contents.copy(
                source.data(),
                fromOffset,
                target.data(),
                toOffset,
                length,
                row -> Permissions.afterWrite(target.writer(), row));
    }

    private void truncate(FileData data, Caller caller, long size) throws FsException {
        try {
            contents.resize(data, size, row -> Permissions.afterWrite(caller, row));
        } catch (FsException e) {
            contents.release(data);
            throw e;
        }
    }

    private void sync(OpenFile file) throws FsException {
        contents.flush(file.data());
        metadata.sync();
    }
}
