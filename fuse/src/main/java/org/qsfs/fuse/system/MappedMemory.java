package org.qsfs.fuse.system;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Memory from mmap(2), which begins on a page. It lives as long as its arena. */
@SuppressWarnings("restricted")
public final class MappedMemory {
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_POPULATE = 0x8001;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int NO_FILE = -1;

    private static final MethodHandle MMAP = Linux.calling(
            "mmap", -1, FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP =
            Linux.calling("munmap", -1, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

    private MappedMemory() {}

    /** Zeros that take room only where they are touched. */
    public static MemorySegment anonymous(long size, Arena arena) throws SystemCallException {
        return map(size, MAP_PRIVATE_ANONYMOUS, NO_FILE, 0, arena);
    }

    /** What a driver shares. */
    static MemorySegment shared(int descriptor, long size, long offset, Arena arena) throws SystemCallException {
        return map(size, MAP_SHARED_POPULATE, descriptor, offset, arena);
    }

    private static MemorySegment map(long size, int flags, int descriptor, long offset, Arena arena)
            throws SystemCallException {
        long address;
        try (Arena call = Arena.ofConfined()) {
            MemorySegment state = Linux.newCallState(call);
            address = Linux.answer(
                    (long) MMAP.invokeExact(
                            state, MemorySegment.NULL, size, PROT_READ_WRITE, flags, descriptor, offset),
                    state);
        } catch (Throwable thrown) {
            throw Linux.impossible(thrown);
        }
        if (address < 0) {
            throw new SystemCallException("mmap of " + size + " bytes", (int) -address);
        }
        return MemorySegment.ofAddress(address).reinterpret(size, arena, MappedMemory::unmap);
    }

    private static void unmap(MemorySegment mapped) {
        try (Arena call = Arena.ofConfined()) {
            int _ = (int) MUNMAP.invokeExact(Linux.newCallState(call), mapped, mapped.byteSize());
        } catch (Throwable thrown) {
            throw Linux.impossible(thrown);
        }
    }
}
