package org.qsfs.fs;

/** The bits of {@code open(2)} that the filesystem looks at, with their values on Linux x86-64 and arm64 (asm-generic/fcntl.h). */
public final class OpenFlags {
    public static final int ACCESS_MODE = 3;
    public static final int READ_ONLY = 0;
    public static final int WRITE_ONLY = 1;
    public static final int READ_WRITE = 2;
    public static final int EXCLUSIVE = 0200;
    /** Linux's own ({@code __FMODE_EXEC}): the file is opened to run it, which needs the permission for that and not for reading. */
    public static final int EXECUTE = 040;

    public static final int TRUNCATE = 01000;
    public static final int APPEND = 02000;
    public static final int DATA_SYNC = 010000;
    /** O_NOATIME: reads leave the time of the last access alone. */
    public static final int NO_ACCESS_TIME = 01000000;

    public static final int SYNC = 04010000;

    /**
     * Not of open(2): writes through this handle leave set-user-id and set-group-id alone, because whoever passes them on takes the bits away, knowing who
     * writes. The filesystem knows only who opened.
     */
    public static final int KEEP_PRIVILEGES = 1 << 30;

    /**
     * Not of open(2): whoever passes writes on knows the end of the file and gives the offsets of appended bytes himself. So the handle is one for appending where rights are checked, but
     * writes go where they say.
     */
    public static final int PLACED_APPEND = 1 << 29;

    /** Either way to say that a file is opened for appending. */
    public static final int APPENDS = APPEND | PLACED_APPEND;

    private OpenFlags() {}

    /** The flags with {@link #PLACED_APPEND} instead of {@link #APPEND}. */
    public static int withPlacedAppend(int flags) {
        return (flags & APPEND) == 0 ? flags : (flags & ~APPEND) | PLACED_APPEND;
    }

    public static boolean writes(int flags) {
        return (flags & ACCESS_MODE) != READ_ONLY;
    }

    public static boolean reads(int flags) {
        return (flags & ACCESS_MODE) != WRITE_ONLY;
    }
}
