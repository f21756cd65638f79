package org.qsfs.fuse.session;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.qsfs.fs.DirectoryEntry;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;

/**
 * Fills one READDIR reply with {@code struct fuse_dirent} records (linux/fuse.h; libfuse passes them on unchanged):
 *
 * <pre>
 * offset  size  field
 *      0     8  ino       inode number
 *      8     8  off       cookie: the position after this entry
 *     16     4  namelen   bytes of the name
 *     20     4  type      DT_*
 *     24     n  name      no NUL; zeros up to a multiple of 8
 * </pre>
 *
 * {@code .} has cookie 1 and {@code ..} cookie 2; the filesystem's cookies start at 3.
 */
public final class DirectoryListing {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final int HEADER = 24;
    private static final byte[] SELF = {'.'};
    private static final byte[] PARENT = {'.', '.'};
    /** Cookie of {@code ..}, where the entries of the filesystem begin. */
    private static final long DOTS_END = 2;

    private final FileSystem fileSystem;

    public DirectoryListing(FileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    /** Size of a record for a name of that many bytes. */
    public static int recordSize(int nameBytes) {
        return (HEADER + nameBytes + 7) & ~7;
    }

    /** How many entries to ask for so that they about fill that many bytes, names being short. */
    public static int entriesIn(long bytes) {
        return (int) Math.max(1, Math.min(1024, bytes / 40));
    }

    /**
     * Writes the entries behind {@code cookie}.
     *
     * @return bytes written; 0 at the end of the directory
     */
    public int fill(long directory, long handle, long cookie, MemorySegment target) throws FsException {
        long filled = 0;
        long position = cookie;
        if (position == 0) {
            filled += put(target, filled, SELF, directory, FileType.DIRECTORY.direntType(), 1);
            position = 1;
        }
        if (position == 1) {
            long parent = fileSystem.parent(directory);
            filled += put(target, filled, PARENT, parent, FileType.DIRECTORY.direntType(), DOTS_END);
            position = DOTS_END;
        }
        while (true) {
            List<DirectoryEntry> entries =
                    fileSystem.readDirectory(handle, position, entriesIn(target.byteSize() - filled));
            if (entries.isEmpty()) {
                return (int) filled;
            }
            for (DirectoryEntry entry : entries) {
                byte[] name = entry.name().bytes();
                if (filled + recordSize(name.length) > target.byteSize()) {
                    return (int) filled;
                }
                filled += put(target, filled, name, entry.inode(), entry.type().direntType(), entry.cookie());
                position = entry.cookie();
            }
        }
    }

    /** Writes one record and returns its size. */
    public static int put(MemorySegment target, long at, byte[] name, long inode, int type, long cookie) {
        int size = recordSize(name.length);
        target.set(LONG, at + size - 8, 0);
        target.set(LONG, at, inode);
        target.set(LONG, at + 8, cookie);
        target.set(INT, at + 16, name.length);
        target.set(INT, at + 20, type);
        MemorySegment.copy(name, 0, target, ValueLayout.JAVA_BYTE, at + HEADER, name.length);
        return size;
    }
}
