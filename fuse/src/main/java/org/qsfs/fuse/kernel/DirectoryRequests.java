package org.qsfs.fuse.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.qsfs.fs.Attributes;
import org.qsfs.fs.Caller;
import org.qsfs.fs.DirectoryEntry;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fuse.session.DirectoryListing;
import org.qsfs.fuse.session.OpenFiles;

/**
 * Requests about open directories.
 *
 * <pre>
 * OPENDIR                as OPEN                                       reply {@link OpenOut}
 * READDIR, READDIRPLUS   as READ; offset is a cookie                   reply fuse_dirent..., see {@link DirectoryListing}, or for READDIRPLUS
 *                                                                      {{@link EntryOut}, fuse_dirent}...
 * FSYNCDIR               as FSYNC
 * RELEASEDIR             as RELEASE
 * </pre>
 *
 * An entry of READDIRPLUS counts as a lookup of its inode, unless its nodeid is 0.
 */
final class DirectoryRequests {
    private static final byte[][] DOTS = {{'.'}, {'.', '.'}};

    private final FileSystem fileSystem;
    private final EntryOut entries;
    private final DirectoryListing listing;
    private final OpenFiles openFiles;
    private final int openFlags;

    DirectoryRequests(FileSystem fileSystem, EntryOut entries, OpenFiles openFiles, boolean keepPages) {
        this.openFiles = openFiles;
        this.fileSystem = fileSystem;
        this.entries = entries;
        this.listing = new DirectoryListing(fileSystem);
        this.openFlags = keepPages ? OpenOut.CACHE_DIR | OpenOut.KEEP_CACHE : 0;
    }

    void open(Exchange x) throws FsException {
        long handle = fileSystem.openDirectory(x.caller(), x.node());
        openFiles.openedDirectory(handle);
        OpenOut.put(x.body(), 0, handle, openFlags);
        if (!x.reply(OpenOut.SIZE)) {
            openFiles.releaseDirectory(handle);
        }
    }

    void read(Exchange x) throws FsException {
        long node = x.node();
        long handle = x.longAt(0);
        long cookie = x.longAt(8);
        MemorySegment target = x.body().asSlice(0, x.sizeAt(16));
        x.reply(listing.fill(node, handle, cookie, target));
    }

    void readPlus(Exchange x) throws FsException {
        long node = x.node();
        long handle = x.longAt(0);
        long cookie = x.longAt(8);
        MemorySegment target = x.body().asSlice(0, x.sizeAt(16));
        int filled = 0;
        for (; cookie < DOTS.length; cookie++) {
            long inode = cookie == 0 ? node : fileSystem.parent(node);
            entries.putNone(target, filled);
            filled += EntryOut.SIZE;
            filled += DirectoryListing.put(
                    target, filled, DOTS[(int) cookie], inode, org.qsfs.fs.FileType.DIRECTORY.direntType(), cookie + 1);
        }
        while (true) {
            int room = (int) target.byteSize() - filled;
            List<DirectoryEntry> page =
                    fileSystem.readDirectory(handle, cookie, Math.max(1, room / (EntryOut.SIZE + 40)));
            if (page.isEmpty()) {
                x.reply(filled);
                return;
            }
            for (DirectoryEntry entry : page) {
                byte[] name = entry.name().bytes();
                if (filled + EntryOut.SIZE + DirectoryListing.recordSize(name.length) > target.byteSize()) {
                    x.reply(filled);
                    return;
                }
                putEntry(target, filled, node, entry);
                filled += EntryOut.SIZE;
                filled += DirectoryListing.put(
                        target, filled, name, entry.inode(), entry.type().direntType(), entry.cookie());
                cookie = entry.cookie();
            }
        }
    }

    /** The kernel checks permissions itself when somebody uses what it learns here. */
    private void putEntry(MemorySegment target, int at, long directory, DirectoryEntry entry) {
        try {
            Attributes attributes = fileSystem.lookup(Caller.ROOT, directory, entry.name());
            entries.put(target, at, attributes);
        } catch (FsException gone) {
            entries.putNone(target, at);
        }
    }

    void fsync(Exchange x) throws FsException {
        fileSystem.fsyncDirectory(x.longAt(0));
        x.reply(0);
    }

    void release(Exchange x) {
        openFiles.releaseDirectory(x.longAt(0));
        x.reply(0);
    }
}
