package org.qsfs.fs.model;

/**
 * A call with small numbers as arguments; what they mean depends on the kind.
 *
 * @param slot of open files
 * @param from a path, or an offset
 */
record Operation(Kind kind, int slot, int from, int to, int offset, int length, int flags) {
    enum Kind {
        MAKE_DIRECTORY,
        MAKE_SYMLINK,
        WRITE_PATH,
        OPEN,
        OPEN_CREATE,
        CLOSE,
        WRITE,
        APPEND,
        READ,
        TRUNCATE,
        TRUNCATE_PATH,
        PUNCH,
        ZERO,
        ALLOCATE,
        COPY,
        SEEK,
        FSYNC,
        UNLINK,
        REMOVE_DIRECTORY,
        RENAME,
        LINK,
        SET_ATTRIBUTE,
        REMOVE_ATTRIBUTE,
        LIST,
        FLUSH_ALL,
        REMOUNT
    }
}
