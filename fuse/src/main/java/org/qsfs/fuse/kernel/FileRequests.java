package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.nio.ByteBuffer;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fs.OpenFlags;
import org.qsfs.fuse.session.DirectWrites;
import org.qsfs.fuse.session.OpenFiles;

/**
 * Requests about open files. {@code fh} is our handle.
 *
 * <pre>
 * OPEN       0 flags 4, 4 open_flags 4 (bit 0: KILL_SUIDGID)                            reply {@link OpenOut}
 * CREATE     0 flags 4, 4 mode 4, 8 umask 4, 12 open_flags 4, 16 name                   reply {@link EntryOut}, {@link OpenOut}
 * TMPFILE    as CREATE; nodeid is the directory, the name means nothing
 * READ       0 fh 8, 8 offset 8, 16 size 4, 20 read_flags 4, 24 lock_owner 8,
 *            32 flags 4, 36 padding 4                                                   reply data
 * WRITE      0 fh 8, 8 offset 8, 16 size 4, 20 write_flags 4 (bit 0: from the cache, bit 2: KILL_SUIDGID),
 *            24 lock_owner 8, 32 flags 4, 36 padding 4, 40 data                         reply 0 size 4, 4 padding 4
 * FLUSH      0 fh 8, 8 unused 4, 12 padding 4, 16 lock_owner 8
 * FSYNC      0 fh 8, 8 fsync_flags 4 (bit 0: data only), 12 padding 4
 * RELEASE    0 fh 8, 8 flags 4, 12 release_flags 4, 16 lock_owner 8
 * FALLOCATE  0 fh 8, 8 offset 8, 16 length 8, 24 mode 4, 28 padding 4
 * LSEEK      0 fh 8, 8 offset 8, 16 whence 4, 20 padding 4                              reply 0 offset 8
 * COPY_FILE_RANGE  0 fh_in 8, 8 off_in 8, 16 nodeid_out 8, 24 fh_out 8, 32 off_out 8,
 *            40 len 8, 48 flags 8                                                       reply as WRITE
 * </pre>
 *
 * The kernel places appended bytes itself, under the inode's lock, and fcntl and pwritev2 may change for one call whether it does; so opens are made with PLACED_APPEND instead of APPEND. With
 * the writeback cache it reads through handles that were opened only for writing; so such opens are made for both, in the superuser's name since the kernel has checked the
 * caller.
 *
 * <p>A file that is opened with O_DIRECT is one whose reads and writes are passed on as they are ({@link OpenOut#DIRECT_IO}). The kernel would do that anyway, but make
 * every one an asynchronous request that it waits for in a way that no signal ends, not even a deadly one.
 */
final class FileRequests {
    private static final int PERMISSIONS = 07777;
    private static final int OPEN_KILL_SUIDGID = 1;
    private static final int WRITE_CACHE = 1;
    private static final int WRITE_KILL_SUIDGID = 1 << 2;
    private static final int FSYNC_FDATASYNC = 1;
    private static final int WRITE_OUT_SIZE = 8;

    /** The reply counts in 32 bits. */
    private static final long MAX_COPY = 1L << 30;

    private final FileSystem fileSystem;
    private final EntryOut entries;
    private final FilePrivileges privileges;
    private final OpenFiles openFiles;
    private final boolean writeback;
    private final CollectedPages collectedPages;
    private final DirectWrites directWrites;
    private final boolean mapsDirect;
    private final int openFlags;

    FileRequests(
            FileSystem fileSystem,
            EntryOut entries,
            FilePrivileges privileges,
            OpenFiles openFiles,
            Negotiation negotiation,
            CollectedPages collectedPages,
            DirectWrites directWrites,
            boolean keepPages) {
        this.directWrites = directWrites;
        this.collectedPages = collectedPages;
        this.openFiles = openFiles;
        this.fileSystem = fileSystem;
        this.entries = entries;
        this.privileges = privileges;
        this.writeback = negotiation.writeback();
        this.mapsDirect = negotiation.mapsDirect();
        this.openFlags = keepPages ? OpenOut.KEEP_CACHE : 0;
    }

    private int adapted(int flags) {
        int kept = OpenFlags.withPlacedAppend(flags) | OpenFlags.KEEP_PRIVILEGES;
        return readsBack(flags) ? (kept & ~OpenFlags.ACCESS_MODE) | OpenFlags.READ_WRITE : kept;
    }

    private boolean readsBack(int flags) {
        return writeback && OpenFlags.writes(flags);
    }

    private int openFlags(int flags) {
        int direct = mapsDirect && DirectWrites.isDirect(flags) ? OpenOut.DIRECT_IO : 0;
        int noFlush = OpenFlags.writes(flags) ? 0 : OpenOut.NOFLUSH;
        return openFlags | direct | noFlush;
    }

    void open(Exchange x) throws FsException {
        int flags = x.intAt(0);
        long node = x.node();
        boolean truncates = (flags & OpenFlags.TRUNCATE) != 0;
        boolean killBits = (x.intAt(4) & OPEN_KILL_SUIDGID) != 0;
        long handle = fileSystem.open(readsBack(flags) ? Caller.ROOT : x.caller(), node, adapted(flags));
        openFiles.opened(handle, node, OpenFlags.writes(flags));
        if (truncates) {
            try {
                privileges.afterChange(x, node, killBits);
            } catch (FsException e) {
                openFiles.release(handle);
                throw e;
            }
        } else if (OpenFlags.writes(flags)) {
            privileges.openedForWriting(node);
        }
        directWrites.opened(handle, node, flags);
        OpenOut.put(x.body(), 0, handle, openFlags(flags));
        if (!x.reply(OpenOut.SIZE)) {
            released(handle);
        }
    }

    void create(Exchange x) throws FsException {
        int flags = x.intAt(0);
        FileSystem.Created created = fileSystem.create(
                x.caller(x.intAt(8)), x.node(), x.nameAt(16), x.intAt(4) & PERMISSIONS, adapted(flags));
        created(x, created, flags);
    }

    void createNameless(Exchange x) throws FsException {
        int flags = x.intAt(0);
        created(
                x,
                fileSystem.createNameless(x.caller(x.intAt(8)), x.node(), x.intAt(4) & PERMISSIONS, adapted(flags)),
                flags);
    }

    private void created(Exchange x, FileSystem.Created created, int flags) {
        Attributes attributes = created.attributes();
        openFiles.opened(created.handle(), attributes.inode(), OpenFlags.writes(flags));
        directWrites.opened(created.handle(), attributes.inode(), flags);
        entries.put(x.body(), 0, attributes);
        OpenOut.put(x.body(), EntryOut.SIZE, created.handle(), openFlags(flags));
        if (!x.reply(EntryOut.SIZE + OpenOut.SIZE)) {
            released(created.handle());
            fileSystem.forget(attributes.inode(), 1);
        }
    }

    void read(Exchange x) throws FsException {
        long handle = x.longAt(0);
        long offset = x.longAt(8);
        int size = x.sizeAt(16);
        directWrites.reading(handle, x.node());
        x.reply(fileSystem.read(handle, offset, x.bodyBuffer(size)));
    }

    void write(Exchange x) throws FsException {
        int writeFlags = x.intAt(20);
        privileges.beforeWrite(x, x.node(), (writeFlags & WRITE_KILL_SUIDGID) != 0);
        long handle = x.longAt(0);
        long offset = x.longAt(8);
        ByteBuffer data = x.dataAt(40, x.sizeAt(16));
        boolean late = (writeFlags & WRITE_CACHE) != 0;
        int count = late ? fileSystem.writeBack(handle, offset, data) : fileSystem.write(handle, offset, data);
        directWrites.written(handle, x.node(), offset, count);
        written(x, count);
    }

    private static void written(Exchange x, int count) {
        x.body().set(JAVA_INT, 0, count);
        x.body().set(JAVA_INT, 4, 0);
        x.reply(WRITE_OUT_SIZE);
    }

    void flush(Exchange x) throws FsException {
        fileSystem.flush(x.longAt(0));
        x.reply(0);
    }

    void fsync(Exchange x) throws FsException {
        fileSystem.fsync(x.longAt(0), (x.intAt(8) & FSYNC_FDATASYNC) != 0);
        x.reply(0);
    }

    void release(Exchange x) {
        released(x.longAt(0));
        x.reply(0);
    }

    private void released(long handle) {
        directWrites.released(handle);
        openFiles.release(handle);
    }

    void allocate(Exchange x) throws FsException {
        privileges.beforeWrite(x, x.node(), !x.isFromSuperuser());
        fileSystem.allocate(x.longAt(0), x.longAt(8), x.longAt(16), x.intAt(24));
        x.reply(0);
    }

    void seek(Exchange x) throws FsException {
        long handle = x.longAt(0);
        long offset = x.longAt(8);
        int whence = x.intAt(16);
        if (writeback) {
            collectedPages.writeOut(x.node());
        }
        x.body().set(JAVA_LONG, 0, fileSystem.seek(handle, offset, whence));
        x.reply(8);
    }

    void copyRange(Exchange x) throws FsException {
        privileges.beforeWrite(x, x.longAt(16), !x.isFromSuperuser());
        written(x, (int) fileSystem.copyRange(
                x.longAt(0), x.longAt(8), x.longAt(24), x.longAt(32), Math.min(x.longAt(40), MAX_COPY)));
    }
}
