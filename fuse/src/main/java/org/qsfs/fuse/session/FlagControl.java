package org.qsfs.fuse.session;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.qsfs.fs.Caller;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileSystem;
import org.qsfs.fs.FsException;
import org.qsfs.fs.InodeFlags;

/**
 * The ioctl(2) calls of lsattr(1) and chattr(1) (linux/fs.h), which the kernel passes on after a look at the caller's rights. Others are ENOTTY.
 *
 * <pre>
 * FS_IOC_GETFLAGS    answer    flags 4                         {@code FS_*_FL}, as {@link InodeFlags}
 * FS_IOC_SETFLAGS    argument  flags 4
 * FS_IOC_FSGETXATTR  answer    struct fsxattr, 28 bytes        0 xflags 4 ({@code FS_XFLAG_*}), 4 extsize 4, 8 nextents 4,
 * FS_IOC_FSSETXATTR  argument  struct fsxattr                  12 projid 4, 16 cowextsize 4, 20 padding 8
 * </pre>
 *
 * The second pair knows other numbers for the same flags, and none for {@code FS_DIRSYNC_FL}, which it leaves as it is. Extent sizes and projects are not kept.
 */
public final class FlagControl {
    private static final int GET_FLAGS = 0x8008_6601;
    private static final int SET_FLAGS = 0x4008_6602;
    private static final int GET_EXTENDED = 0x801c_581f;
    private static final int SET_EXTENDED = 0x401c_5820;

    private static final int FLAGS_BYTES = 4;
    private static final int EXTENDED_BYTES = 28;

    /** {@code FS_*_FL} and {@code FS_XFLAG_*} of the same meaning. */
    private static final int[][] PAIRS = {
        {InodeFlags.IMMUTABLE, 0x8},
        {InodeFlags.APPEND_ONLY, 0x10},
        {InodeFlags.SYNC, 0x20},
        {InodeFlags.NO_ACCESS_TIME, 0x40},
        {InodeFlags.NO_DUMP, 0x80}
    };

    private FlagControl() {}

    /**
     * Carries out one call.
     *
     * @param changed told of an inode whose time of change the kernel does not know any more
     * @return the answer; empty for those that set
     */
    public static byte[] call(
            FileSystem fileSystem, Caller caller, long inode, int command, byte[] argument, Changed changed)
            throws FsException {
        return switch (command) {
            case GET_FLAGS ->
                buffer(FLAGS_BYTES).putInt(0, fileSystem.flags(inode)).array();
            case GET_EXTENDED ->
                buffer(EXTENDED_BYTES)
                        .putInt(0, extended(fileSystem.flags(inode)))
                        .array();
            case SET_FLAGS -> {
                int flags = argument(argument, FLAGS_BYTES).getInt(0);
                yield set(fileSystem, caller, inode, flags, changed);
            }
            case SET_EXTENDED -> {
                ByteBuffer asked = argument(argument, EXTENDED_BYTES);
                int kept = fileSystem.flags(inode) & InodeFlags.DIRECTORY_SYNC;
                yield set(fileSystem, caller, inode, flags(asked) | kept, changed);
            }
            default -> throw new FsException(Errno.ENOTTY);
        };
    }

    /** The kernel keeps attributes in memory and has not seen that they changed. */
    @FunctionalInterface
    public interface Changed {
        void accept(long inode);
    }

    private static byte[] set(FileSystem fileSystem, Caller caller, long inode, int flags, Changed changed)
            throws FsException {
        fileSystem.setFlags(caller, inode, flags);
        changed.accept(inode);
        return new byte[0];
    }

    private static int extended(int flags) {
        int extended = 0;
        for (int[] pair : PAIRS) {
            extended |= (flags & pair[0]) != 0 ? pair[1] : 0;
        }
        return extended;
    }

    /** @throws FsException EOPNOTSUPP for flags, sizes and projects that are not kept */
    private static int flags(ByteBuffer asked) throws FsException {
        int flags = 0;
        int rest = asked.getInt(0);
        for (int[] pair : PAIRS) {
            flags |= (rest & pair[1]) != 0 ? pair[0] : 0;
            rest &= ~pair[1];
        }
        if (rest != 0 || asked.getInt(4) != 0 || asked.getInt(12) != 0 || asked.getInt(16) != 0) {
            throw new FsException(Errno.EOPNOTSUPP);
        }
        return flags;
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    private static ByteBuffer argument(byte[] argument, int bytes) throws FsException {
        if (argument.length < bytes) {
            throw new FsException(Errno.EINVAL, argument.length + " bytes where " + bytes + " are expected");
        }
        return ByteBuffer.wrap(argument).order(ByteOrder.nativeOrder());
    }
}
