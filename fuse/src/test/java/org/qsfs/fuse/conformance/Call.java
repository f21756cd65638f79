package org.qsfs.fuse.conformance;

import java.util.List;
import org.qsfs.fuse.conformance.Native.User;

/**
 * One random call. Its numbers choose paths, descriptors, sizes and modes; which, depends on the kind.
 *
 * @param kind of call
 * @param a chooses a path or a descriptor
 * @param b chooses a second path, a mode, or a place in a file
 * @param c chooses a length or an owner
 */
record Call(Kind kind, int a, int b, int c) {
    static final List<String> PATHS = List.of("a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "e", "e/a", "e/b");
    static final int DESCRIPTORS = 5;
    private static final List<User> USERS =
            List.of(User.ROOT, User.ROOT, User.ROOT, Place.ALICE, Place.BOB, new User(10_003, 10_001));
    private static final List<Integer> MODES =
            List.of(0, 0644, 0666, 0755, 0777, 01777, 02775, 02644, 04755, 06777, 0700, 0070, 0007, 0111);

    enum Kind {
        CREATE,
        CREATE_EXCLUSIVE,
        CREATE_MODE,
        OPEN_READ,
        OPEN_WRITE,
        OPEN_READ_WRITE,
        OPEN_APPEND,
        OPEN_TRUNCATE,
        OPEN_SYNC,
        OPEN_DIRECTORY,
        OPEN_NO_FOLLOW,
        CLOSE,
        WRITE,
        WRITE_AT,
        READ,
        READ_AT,
        SEEK,
        SEEK_FROM_END,
        TRUNCATE_OPEN,
        TRUNCATE,
        ALLOCATE,
        ALLOCATE_KEEPING_SIZE,
        PUNCH_HOLE,
        ZERO_RANGE,
        COPY_RANGE,
        FSYNC,
        FDATASYNC,
        MKDIR,
        RMDIR,
        UNLINK,
        RENAME,
        RENAME_NO_REPLACE,
        RENAME_EXCHANGE,
        RENAME_WHITEOUT,
        LINK,
        SYMLINK,
        READLINK,
        MAKE_FIFO,
        MAKE_SOCKET,
        MAKE_DEVICE,
        MAKE_FILE,
        CHMOD,
        CHMOD_OPEN,
        CHOWN,
        CHOWN_LINK,
        CHOWN_OPEN,
        SET_TIMES,
        TOUCH,
        ACCESS,
        STAT,
        STAT_LINK,
        STAT_OPEN,
        LIST,
        SET_ATTRIBUTE,
        GET_ATTRIBUTE,
        LIST_ATTRIBUTES,
        REMOVE_ATTRIBUTE,
        SET_ACCESS_LIST,
        SET_DEFAULT_LIST,
        FLOCK,
        LOCK_RANGE,
        UMASK,
        /** Of the mount: unmount and mount. Descriptors are closed before. */
        REMOUNT,
        /** Of the mount: nothing is left locally. */
        EVICT
    }

    String path() {
        return PATHS.get(Math.floorMod(a, PATHS.size()));
    }

    String otherPath() {
        return PATHS.get(Math.floorMod(b, PATHS.size()));
    }

    int slot() {
        return Math.floorMod(a, DESCRIPTORS);
    }

    int otherSlot() {
        return Math.floorMod(b, DESCRIPTORS);
    }

    User user() {
        return USERS.get(Math.floorMod(c, USERS.size()));
    }

    int mode() {
        return MODES.get(Math.floorMod(b, MODES.size()));
    }

    /** A place in a file, near page and record borders as well. */
    long offset() {
        return Math.floorMod(b, 7) * 4096L + Math.floorMod(b / 7, 5) - 2 + Math.floorMod(b / 35, 3) * 1_048_576L / 2;
    }

    int length() {
        return 1 + Math.floorMod(c / 7, 3) * 3_000 + Math.floorMod(c, 5) * 1_024;
    }
}
