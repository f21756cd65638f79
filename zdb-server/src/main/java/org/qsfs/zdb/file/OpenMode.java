package org.qsfs.zdb.file;

/** How a file is opened. */
public enum OpenMode {
    /** An existing file, to read. */
    READ,
    /** An existing file, to read and write. */
    READ_WRITE,
    /** To read and write; created empty, an existing file is emptied. */
    CREATE
}
