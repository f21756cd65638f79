package org.qsfs.fuse.jnr;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.qsfs.fs.FileName;
import org.qsfs.fs.FsException;

/** Reads what libfuse points to. */
@SuppressWarnings("restricted")
final class NativeMemory {
    /** PATH_MAX of linux/limits.h: no string of the kernel is longer, its NUL included. */
    private static final int MAX_STRING = 4096;

    private NativeMemory() {}

    static MemorySegment at(long address, long size) {
        return MemorySegment.ofAddress(address).reinterpret(size);
    }

    /** The bytes of a C string, not decoded. */
    static byte[] string(long address) {
        MemorySegment memory = at(address, MAX_STRING);
        int length = 0;
        while (length < MAX_STRING && memory.get(ValueLayout.JAVA_BYTE, length) != 0) {
            length++;
        }
        return memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    static FileName name(long address) throws FsException {
        return FileName.of(string(address));
    }
}
