package org.qsfs.fuse.jnr;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FilesystemStatistics;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fuse.MountOptions;
import org.qsfs.fuse.session.AttributeChange;
import org.qsfs.fuse.session.CallerGroups;
import org.qsfs.fuse.session.DirectWrites;
import org.qsfs.fuse.session.DirectoryListing;
import org.qsfs.fuse.session.Failures;
import org.qsfs.fuse.session.FlagControl;
import org.qsfs.fuse.session.Lookup;
import org.qsfs.fuse.session.PrivilegeBits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;

/**
 * The callbacks of libfuse: each takes its arguments apart, calls the filesystem and replies. A reply that libfuse could not deliver (the caller was
 * interrupted) takes back what the kernel will never know of: a lookup or a handle.
 */
final class JnrOperations {
    private static final Logger LOG = LoggerFactory.getLogger(JnrOperations.class);
    private static final int PERMISSIONS = 07777;
    private static final int BLOCK = 4096;

    /** {@code FUSE_CAP_*} of fuse_common.h: ASYNC_READ, ATOMIC_O_TRUNC, EXPORT_SUPPORT, BIG_WRITES, DONT_MASK, IOCTL_DIR. */
    private static final int WANTED = 1 | (1 << 3) | (1 << 4) | (1 << 5) | (1 << 6) | (1 << 11);

    private static final int DONT_MASK = 1 << 6;

    private final FileSystem fileSystem;
    private final JnrConnection connection;
    private final DirectWrites directWrites;
    private final DirectoryListing listing;
    private final Failures failures = new Failures();
    private final double timeout;
    private final boolean keepPages;
    private volatile boolean umaskIsOurs;

    /** What a callback does; may throw. */
    @FunctionalInterface
    private interface Action {
        void run() throws FsException;
    }

    JnrOperations(FileSystem fileSystem, JnrConnection connection, MountOptions options) {
        this.directWrites = new DirectWrites(connection::invalidatePages, options.maxWorkers());
        this.fileSystem = fileSystem;
        this.connection = connection;
        this.listing = new DirectoryListing(fileSystem);
        this.timeout = options.cacheTimeout().toNanos() / 1e9;
        this.keepPages = options.keepPages();
    }

    /** The table for {@code fuse_lowlevel_new}. */
    LowLevelOperations table(Runtime runtime) {
        LowLevelOperations t = new LowLevelOperations(runtime);
        t.useMemory(runtime.getMemoryManager().allocateDirect(jnr.ffi.Struct.size(t), true));
        t.init.set(this::init);
        t.lookup.set(this::lookup);
        t.forget.set(this::forget);
        t.forgetMulti.set(this::forgetMany);
        t.getattr.set((r, inode, file) -> answer(r, "getattr", () -> attributes(r, fileSystem.getAttributes(inode))));
        t.setattr.set(this::setAttributes);
        t.readlink.set(this::readSymlink);
        t.mknod.set((r, parent, name, mode, device) -> answer(
                r,
                "mknod",
                () -> entry(
                        r,
                        fileSystem.makeNode(
                                caller(r),
                                parent,
                                NativeMemory.name(name),
                                FileType.ofMode(mode),
                                mode & PERMISSIONS,
                                (int) device))));
        t.mkdir.set((r, parent, name, mode) -> answer(
                r,
                "mkdir",
                () -> entry(
                        r, fileSystem.makeDirectory(caller(r), parent, NativeMemory.name(name), mode & PERMISSIONS))));
        t.symlink.set((r, target, parent, name) -> answer(
                r,
                "symlink",
                () -> entry(
                        r,
                        fileSystem.makeSymlink(
                                caller(r), parent, NativeMemory.name(name), NativeMemory.string(target)))));
        t.link.set((r, inode, parent, name) ->
                answer(r, "link", () -> entry(r, fileSystem.link(caller(r), inode, parent, NativeMemory.name(name)))));
        t.unlink.set((r, parent, name) ->
                done(r, "unlink", () -> fileSystem.unlink(caller(r), parent, NativeMemory.name(name))));
        t.rmdir.set((r, parent, name) ->
                done(r, "rmdir", () -> fileSystem.removeDirectory(caller(r), parent, NativeMemory.name(name))));
        t.rename.set((r, parent, name, newParent, newName) -> done(
                r,
                "rename",
                () -> fileSystem.rename(
                        caller(r), parent, NativeMemory.name(name), newParent, NativeMemory.name(newName), 0)));
        t.access.set((r, inode, mask) -> done(r, "access", () -> fileSystem.access(caller(r), inode, mask)));
        t.create.set(this::create);
        t.open.set((r, inode, file) -> answer(r, "open", () -> open(r, inode, file)));
        t.read.set(this::read);
        t.write.set(this::write);
        t.flush.set((r, inode, file) -> done(r, "flush", () -> fileSystem.flush(FileInfo.handle(file))));
        t.fsync.set((r, inode, dataOnly, file) ->
                done(r, "fsync", () -> fileSystem.fsync(FileInfo.handle(file), dataOnly != 0)));
        t.release.set((r, inode, file) -> done(r, "release", () -> released(FileInfo.handle(file))));
        t.fallocate.set((r, inode, mode, offset, length, file) -> done(r, "fallocate", () -> {
            clearPrivileges(r, inode);
            fileSystem.allocate(FileInfo.handle(file), offset, length, mode);
        }));
        t.opendir.set((r, inode, file) -> answer(r, "opendir", () -> openDirectory(r, inode, file)));
        t.readdir.set(this::readDirectory);
        t.releasedir.set((r, inode, file) ->
                done(r, "releasedir", () -> connection.openFiles().releaseDirectory(FileInfo.handle(file))));
        t.fsyncdir.set((r, inode, dataOnly, file) ->
                done(r, "fsyncdir", () -> fileSystem.fsyncDirectory(FileInfo.handle(file))));
        t.statfs.set((r, inode) -> answer(r, "statfs", () -> statistics(r)));
        t.ioctl.set(this::control);
        t.setxattr.set(this::setExtendedAttribute);
        t.getxattr.set(this::getExtendedAttribute);
        t.listxattr.set(this::listExtendedAttributes);
        t.removexattr.set((r, inode, name) -> done(
                r,
                "removexattr",
                () -> fileSystem.removeExtendedAttribute(caller(r), inode, NativeMemory.string(name))));
        return t;
    }

    /** Runs an action that replies itself when it succeeds. Nothing may be thrown into native code. */
    private void answer(long request, String operation, Action action) {
        try {
            LOG.trace("{}", operation);
            JnrWorker.current().interruption().begin(request);
            action.run();
        } catch (FsException | RuntimeException | Error e) {
            connection.library().fuse_reply_err(request, failures.errorNumber(operation, e));
        }
    }

    /** Runs an action whose success is the whole reply. */
    private void done(long request, String operation, Action action) {
        answer(request, operation, () -> {
            action.run();
            connection.library().fuse_reply_err(request, 0);
        });
    }

    /** {@code struct fuse_conn_info}: capable at offset 20, want at 24, max_background at 28, congestion_threshold at 32. */
    private void init(long userdata, long info) {
        MemorySegment memory = NativeMemory.at(info, 128);
        int capable = memory.get(ValueLayout.JAVA_INT, 20);
        memory.set(ValueLayout.JAVA_INT, 24, memory.get(ValueLayout.JAVA_INT, 24) | (capable & WANTED));
        memory.set(ValueLayout.JAVA_INT, 28, 64);
        memory.set(ValueLayout.JAVA_INT, 32, 48);
        umaskIsOurs = (capable & DONT_MASK) != 0;
    }

    private Caller caller(long request) {
        MemorySegment context = NativeMemory.at(connection.library().fuse_req_ctx(request), 16);
        return CallerGroups.caller(
                context.get(ValueLayout.JAVA_INT, 0),
                context.get(ValueLayout.JAVA_INT, 4),
                context.get(ValueLayout.JAVA_INT, 8),
                umaskIsOurs ? context.get(ValueLayout.JAVA_INT, 12) : 0);
    }

    private void entry(long request, Attributes attributes) {
        long entry = JnrWorker.current().entry(attributes, timeout);
        if (connection.library().fuse_reply_entry(request, entry) != 0) {
            fileSystem.forget(attributes.inode(), 1);
        }
    }

    private void attributes(long request, Attributes attributes) {
        connection.library().fuse_reply_attr(request, JnrWorker.current().stat(attributes), timeout);
    }

    private void lookup(long request, long parent, long name) {
        answer(request, "lookup", () -> {
            try {
                entry(request, Lookup.of(fileSystem, caller(request), parent, NativeMemory.string(name)));
            } catch (FsException e) {
                if (e.errno() != Errno.ENOENT || timeout == 0) {
                    throw e;
                }
                connection
                        .library()
                        .fuse_reply_entry(request, JnrWorker.current().noEntry(timeout));
            }
        });
    }

    private void forget(long request, long inode, long count) {
        try {
            fileSystem.forget(inode, count);
        } catch (RuntimeException | Error e) {
            failures.errorNumber("forget", e);
        } finally {
            connection.library().fuse_reply_none(request);
        }
    }

    /** {@code struct fuse_forget_data}: ino 8, nlookup 8. */
    private void forgetMany(long request, long count, long list) {
        try {
            MemorySegment forgotten = NativeMemory.at(list, 16 * count);
            for (long i = 0; i < count; i++) {
                fileSystem.forget(
                        forgotten.getAtIndex(ValueLayout.JAVA_LONG, 2 * i),
                        forgotten.getAtIndex(ValueLayout.JAVA_LONG, 2 * i + 1));
            }
        } catch (RuntimeException | Error e) {
            failures.errorNumber("forget", e);
        } finally {
            connection.library().fuse_reply_none(request);
        }
    }

    private void setAttributes(long request, long inode, long attributes, int valid, long file) {
        answer(request, "setattr", () -> {
            FileStat stat = FileStat.of(Pointer.wrap(connection.runtime(), attributes));
            AttributeChange change = new AttributeChange(
                    file == 0 ? valid : valid | AttributeChange.HANDLE,
                    stat.st_mode.intValue(),
                    stat.st_uid.intValue(),
                    stat.st_gid.intValue(),
                    stat.st_size.longValue(),
                    stat.st_atim.tv_sec.get(),
                    stat.st_atim.tv_nsec.intValue(),
                    stat.st_mtim.tv_sec.get(),
                    stat.st_mtim.tv_nsec.intValue());
            long handle = file == 0 ? 0 : FileInfo.handle(file);
            if (file != 0 && change.setsSize()) {
                clearPrivileges(request, inode);
            }
            attributes(request, change.apply(fileSystem, caller(request), inode, handle, false));
        });
    }

    private void readSymlink(long request, long inode) {
        answer(request, "readlink", () -> {
            byte[] target = fileSystem.readSymlink(inode);
            JnrWorker worker = JnrWorker.current();
            worker.replyData(target.length + 1L).put(target).put((byte) 0);
            connection.library().fuse_reply_readlink(request, worker.replyAddress());
        });
    }

    private void create(long request, long parent, long name, int mode, long file) {
        answer(request, "create", () -> {
            FileSystem.Created created = fileSystem.create(
                    caller(request), parent, NativeMemory.name(name), mode & PERMISSIONS, handleFlags(file));
            connection
                    .openFiles()
                    .opened(created.handle(), created.attributes().inode(), OpenFlags.writes(FileInfo.flags(file)));
            FileInfo.opened(file, created.handle(), keepPages);
            long entry = JnrWorker.current().entry(created.attributes(), timeout);
            directWrites.opened(created.handle(), created.attributes().inode(), FileInfo.flags(file));
            if (connection.library().fuse_reply_create(request, entry, file) != 0) {
                released(created.handle());
                fileSystem.forget(created.attributes().inode(), 1);
            }
        });
    }

    /** The kernel takes most of set-user-id and set-group-id away by SETATTR before others write, but not set-group-id without group execution. */
    private void clearPrivileges(long request, long inode) throws FsException {
        Caller caller = caller(request);
        if (!caller.isSuperuser() && caller.pid() != 0) {
            PrivilegeBits.clear(fileSystem, caller, inode);
        }
    }

    /** {@link #clearPrivileges} knows who writes, and the kernel where appended bytes go. */
    private static int handleFlags(long file) {
        return OpenFlags.withPlacedAppend(FileInfo.flags(file)) | OpenFlags.KEEP_PRIVILEGES;
    }

    private void open(long request, long inode, long file) throws FsException {
        long handle = fileSystem.open(caller(request), inode, handleFlags(file));
        connection.openFiles().opened(handle, inode, OpenFlags.writes(FileInfo.flags(file)));
        FileInfo.opened(file, handle, keepPages);
        directWrites.opened(handle, inode, FileInfo.flags(file));
        if (connection.library().fuse_reply_open(request, file) != 0) {
            released(handle);
        }
    }

    private void released(long handle) {
        directWrites.released(handle);
        connection.openFiles().release(handle);
    }

    private void openDirectory(long request, long inode, long file) throws FsException {
        long handle = fileSystem.openDirectory(caller(request), inode);
        connection.openFiles().openedDirectory(handle);
        FileInfo.opened(file, handle, false);
        if (connection.library().fuse_reply_open(request, file) != 0) {
            connection.openFiles().releaseDirectory(handle);
        }
    }

    private void read(long request, long inode, long size, long offset, long file) {
        try {
            JnrWorker worker = JnrWorker.current();
            worker.interruption().begin(request);
            directWrites.reading(FileInfo.handle(file), inode);
            int read = fileSystem.read(FileInfo.handle(file), offset, worker.replyData(size));
            connection.library().fuse_reply_buf(request, worker.replyAddress(), read);
        } catch (FsException | RuntimeException | Error e) {
            connection.library().fuse_reply_err(request, failures.errorNumber("read", e));
        }
    }

    private void write(long request, long inode, long buffer, long size, long offset, long file) {
        try {
            JnrWorker worker = JnrWorker.current();
            worker.interruption().begin(request);
            ByteBuffer data = worker.requestData(buffer, size);
            clearPrivileges(request, inode);
            long handle = FileInfo.handle(file);
            int written = FileInfo.isWriteBack(file)
                    ? fileSystem.writeBack(handle, offset, data)
                    : fileSystem.write(handle, offset, data);
            directWrites.written(handle, inode, offset, written);
            connection.library().fuse_reply_write(request, written);
        } catch (FsException | RuntimeException | Error e) {
            connection.library().fuse_reply_err(request, failures.errorNumber("write", e));
        }
    }

    private void readDirectory(long request, long inode, long size, long cookie, long file) {
        answer(request, "readdir", () -> {
            JnrWorker worker = JnrWorker.current();
            MemorySegment target = worker.replySegment().asSlice(0, Math.min(size, JnrWorker.REPLY_BYTES));
            int filled = listing.fill(inode, FileInfo.handle(file), cookie, target);
            connection.library().fuse_reply_buf(request, worker.replyAddress(), filled);
        });
    }

    private void statistics(long request) throws FsException {
        FilesystemStatistics s = fileSystem.statistics();
        long address = JnrWorker.current().statvfsAddress();
        Statvfs statvfs = Statvfs.of(Pointer.wrap(connection.runtime(), address));
        long free = Math.max(0, s.totalBytes() - s.usedBytes()) / BLOCK;
        long freeInodes = Math.max(0, s.totalInodes() - s.usedInodes());
        statvfs.f_bsize.set(BLOCK);
        statvfs.f_frsize.set(BLOCK);
        statvfs.f_blocks.set(s.totalBytes() / BLOCK);
        statvfs.f_bfree.set(free);
        statvfs.f_bavail.set(free);
        statvfs.f_files.set(s.totalInodes());
        statvfs.f_ffree.set(freeInodes);
        statvfs.f_favail.set(freeInodes);
        statvfs.f_namemax.set(org.qsfs.fs.FileName.MAX_BYTES);
        connection.library().fuse_reply_statfs(request, address);
    }

    private void control(
            long request,
            long inode,
            int command,
            long address,
            long file,
            int flags,
            long argument,
            long argumentSize,
            long room) {
        answer(request, "ioctl", () -> {
            byte[] given = argumentSize == 0
                    ? new byte[0]
                    : NativeMemory.at(argument, argumentSize).toArray(ValueLayout.JAVA_BYTE);
            byte[] answer = FlagControl.call(
                    fileSystem, caller(request), inode, command, given, connection::invalidateAttributes);
            if (answer.length > room) {
                throw new FsException(Errno.EINVAL, "room for %d bytes of %d".formatted(room, answer.length));
            }
            JnrWorker worker = JnrWorker.current();
            worker.replyData(answer.length).put(answer);
            connection.library().fuse_reply_ioctl(request, 0, worker.replyAddress(), answer.length);
        });
    }

    private void setExtendedAttribute(long request, long inode, long name, long value, long size, int flags) {
        done(
                request,
                "setxattr",
                () -> fileSystem.setExtendedAttribute(
                        caller(request),
                        inode,
                        NativeMemory.string(name),
                        NativeMemory.at(value, size).toArray(ValueLayout.JAVA_BYTE),
                        flags));
    }

    private void getExtendedAttribute(long request, long inode, long name, long size) {
        answer(
                request,
                "getxattr",
                () -> data(
                        request,
                        size,
                        fileSystem.getExtendedAttribute(caller(request), inode, NativeMemory.string(name))));
    }

    private void listExtendedAttributes(long request, long inode, long size) {
        answer(request, "listxattr", () -> {
            List<byte[]> names = fileSystem.listExtendedAttributes(caller(request), inode);
            ByteBuffer joined = ByteBuffer.allocate(
                    names.stream().mapToInt(n -> n.length + 1).sum());
            names.forEach(n -> joined.put(n).put((byte) 0));
            data(request, size, joined.array());
        });
    }

    /** Extended attributes: size 0 asks how much room is needed. */
    private void data(long request, long size, byte[] value) throws FsException {
        if (size == 0) {
            connection.library().fuse_reply_xattr(request, value.length);
        } else if (value.length > size) {
            throw new FsException(Errno.ERANGE);
        } else {
            JnrWorker worker = JnrWorker.current();
            worker.replyData(value.length).put(value);
            connection.library().fuse_reply_buf(request, worker.replyAddress(), value.length);
        }
    }
}
