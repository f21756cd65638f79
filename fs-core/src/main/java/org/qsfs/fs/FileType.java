package org.qsfs.fs;

/** Types of inodes; the value is the type part of {@code st_mode} (inode(7)). */
public enum FileType {
    FIFO(0010000),
    CHARACTER_DEVICE(0020000),
    DIRECTORY(0040000),
    BLOCK_DEVICE(0060000),
    REGULAR(0100000),
    SYMLINK(0120000),
    SOCKET(0140000);

    /** {@code S_IFMT}. */
    public static final int MASK = 0170000;

    private final int mode;

    FileType(int mode) {
        this.mode = mode;
    }

    public int mode() {
        return mode;
    }

    /** The value of {@code d_type} in a directory entry. */
    public int direntType() {
        return mode >> 12;
    }

    /** @throws IllegalArgumentException for type bits that are no file type */
    public static FileType ofMode(int mode) {
        for (FileType type : values()) {
            if (type.mode == (mode & MASK)) {
                return type;
            }
        }
        throw new IllegalArgumentException("no file type has the mode bits 0%o".formatted(mode & MASK));
    }
}
