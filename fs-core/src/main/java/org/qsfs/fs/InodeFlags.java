package org.qsfs.fs;

/** What chattr(1) sets and lsattr(1) shows, with the values of linux/fs.h ({@code FS_*_FL}). Regular files and directories have flags. */
public final class InodeFlags {
    /** {@code S}: each write returns when it is on disk; of a directory as {@link #DIRECTORY_SYNC}. */
    public static final int SYNC = 0x8;

    /** {@code i}: nothing about the inode changes, and in a directory no name. Set and taken away by the superuser only. */
    public static final int IMMUTABLE = 0x10;

    /** {@code a}: a file only grows, by those who open it for appending; in a directory names are only added. Set and taken away by the superuser only. */
    public static final int APPEND_ONLY = 0x20;

    /** {@code d}: a note for dump(8). */
    public static final int NO_DUMP = 0x40;

    /** {@code A}: reading does not set the access time. */
    public static final int NO_ACCESS_TIME = 0x80;

    /** {@code D}: a change of the directory's names returns when it is on disk. */
    public static final int DIRECTORY_SYNC = 0x1_0000;

    /** Those that only the superuser changes. */
    public static final int PRIVILEGED = IMMUTABLE | APPEND_ONLY;

    /** Those that a regular file may have. */
    public static final int OF_FILES = PRIVILEGED | SYNC | NO_DUMP | NO_ACCESS_TIME;

    /** Those that a directory may have. */
    public static final int OF_DIRECTORIES = OF_FILES | DIRECTORY_SYNC;

    private static final int OF_OTHERS = NO_DUMP | NO_ACCESS_TIME;

    private InodeFlags() {}

    /** What a new inode gets from its directory, as on ext4. */
    public static int inherited(int ofDirectory, FileType type) {
        int kept = switch (type) {
            case DIRECTORY -> OF_DIRECTORIES;
            case REGULAR -> OF_FILES;
            case SYMLINK, FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE -> OF_OTHERS;
        };
        return ofDirectory & kept & ~PRIVILEGED;
    }
}
