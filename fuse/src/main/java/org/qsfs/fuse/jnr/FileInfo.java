package org.qsfs.fuse.jnr;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct fuse_file_info} of libfuse 2.9 ({@code fuse_common.h}), on 64-bit Linux. It is read in place, since jnr-fuse's {@code FuseFileInfo} makes a
 * dozen objects and so is too dear for each read and write.
 *
 * <pre>
 * offset  size  field
 *      0     4  flags         of open(2)
 *      8     8  fh_old
 *     16     4  writepage     of a write: from the cache
 *     20     4  bits: 0 direct_io, 1 keep_cache, 2 flush, 3 nonseekable, 4 flock_release
 *     24     8  fh            our handle
 *     32     8  lock_owner
 * </pre>
 */
final class FileInfo {
    static final int SIZE = 40;
    private static final int KEEP_CACHE = 2;

    private FileInfo() {}

    static int flags(long address) {
        return NativeMemory.at(address, SIZE).get(ValueLayout.JAVA_INT, 0);
    }

    static long handle(long address) {
        return NativeMemory.at(address, SIZE).get(ValueLayout.JAVA_LONG, 24);
    }

    /** Whether a write is of pages that the kernel took earlier. */
    static boolean isWriteBack(long address) {
        return NativeMemory.at(address, SIZE).get(ValueLayout.JAVA_INT, 16) != 0;
    }

    static void opened(long address, long handle, boolean keepPages) {
        MemorySegment info = NativeMemory.at(address, SIZE);
        info.set(ValueLayout.JAVA_LONG, 24, handle);
        if (keepPages) {
            info.set(ValueLayout.JAVA_INT, 20, info.get(ValueLayout.JAVA_INT, 20) | KEEP_CACHE);
        }
    }
}
