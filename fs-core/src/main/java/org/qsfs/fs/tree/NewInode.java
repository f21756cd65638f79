package org.qsfs.fs.tree;

import java.nio.charset.StandardCharsets;
import org.qsfs.fs.Errno;
import org.qsfs.fs.FileType;
import org.qsfs.fs.FsException;

/**
 * What an inode is made with.
 *
 * @param permissions low 12 bits of the mode, before the umask
 * @param target of a symbolic link, one byte per character, else empty
 */
public record NewInode(FileType type, int permissions, int device, String target) {
    private static final int LONGEST_TARGET = 4095;
    private static final int ANY = 0777;

    /** What hides a name of a lower layer of an overlay: a character device that nobody may open. */
    static final NewInode WHITEOUT = new NewInode(FileType.CHARACTER_DEVICE, 0, 0, "");

    public static NewInode file(int permissions) {
        return new NewInode(FileType.REGULAR, permissions, 0, "");
    }

    public static NewInode directory(int permissions) {
        return new NewInode(FileType.DIRECTORY, permissions, 0, "");
    }

    /** A file, fifo, socket or device; others EINVAL. */
    public static NewInode node(FileType type, int permissions, int device) throws FsException {
        return switch (type) {
            case REGULAR, FIFO, SOCKET -> new NewInode(type, permissions, 0, "");
            case CHARACTER_DEVICE, BLOCK_DEVICE -> new NewInode(type, permissions, device, "");
            case DIRECTORY, SYMLINK -> throw new FsException(Errno.EINVAL, type + " is not made by mknod");
        };
    }

    /** @throws FsException ENOENT for an empty target, ENAMETOOLONG over 4,095 bytes */
    public static NewInode symlink(byte[] target) throws FsException {
        if (target.length == 0) {
            throw new FsException(Errno.ENOENT, "the target of a symbolic link is empty");
        }
        if (target.length > LONGEST_TARGET) {
            throw new FsException(Errno.ENAMETOOLONG);
        }
        return new NewInode(FileType.SYMLINK, ANY, 0, new String(target, StandardCharsets.ISO_8859_1));
    }

    /** A character device 0:0 is no device and may be made by anybody, as in Linux. */
    boolean isWhiteout() {
        return type == FileType.CHARACTER_DEVICE && device == 0;
    }

    boolean isDevice() {
        return type == FileType.CHARACTER_DEVICE || type == FileType.BLOCK_DEVICE;
    }
}
