package org.qsfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * What the kernel learns of an open file.
 *
 * <pre>
 * struct fuse_open_out, 16 bytes
 * offset  size  field
 *      0     8  fh
 *      8     4  open_flags   FOPEN_DIRECT_IO 1, FOPEN_KEEP_CACHE 2, FOPEN_CACHE_DIR 8, FOPEN_NOFLUSH 32
 *     12     4  padding
 * </pre>
 */
final class OpenOut {
    static final int SIZE = 16;

    /** Every read and write is passed on as it is. */
    static final int DIRECT_IO = 1;

    /** Pages of earlier opens stay. */
    static final int KEEP_CACHE = 2;

    /** The kernel may answer listings from its own copy until the directory changes. */
    static final int CACHE_DIR = 8;

    /** No FLUSH at close. */
    static final int NOFLUSH = 32;

    private OpenOut() {}

    static void put(MemorySegment target, long at, long handle, int flags) {
        target.set(JAVA_LONG, at, handle);
        target.set(JAVA_INT, at + 8, flags);
        target.set(JAVA_INT, at + 12, 0);
    }
}
