package org.qsfs.fuse.system;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * System calls of Linux, through the C library. Every call answers as the kernel does: a result that is not negative, or the error number negated (-2 is
 * ENOENT), so that no exception is made for an ordinary failure.
 */
@SuppressWarnings("restricted")
public final class Linux {
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EAGAIN = 11;
    public static final int EBUSY = 16;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ECONNABORTED = 103;
    public static final int ENOTCONN = 107;

    /** open(2): asm-generic/fcntl.h. */
    public static final int O_RDWR = 2;

    public static final int O_CLOEXEC = 02000000;

    /** mount(2): linux/mount.h. */
    public static final long MS_RDONLY = 1;

    public static final long MS_NOSUID = 2;
    public static final long MS_NODEV = 4;
    /** umount2(2). */
    public static final int MNT_DETACH = 2;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(java.lang.foreign.MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPEN =
            calling("open", 2, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOSE = calling("close", -1, FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle READ =
            calling("read", -1, FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle WRITE =
            calling("write", -1, FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle IOCTL =
            calling("ioctl", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    private static final MethodHandle MOUNT =
            calling("mount", -1, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
    private static final MethodHandle UMOUNT2 =
            calling("umount2", -1, FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle STATVFS =
            calling("statvfs", -1, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle GETEUID = calling("geteuid", -1, FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle GETEGID = calling("getegid", -1, FunctionDescriptor.of(JAVA_INT));

    private Linux() {}

    /** @param firstVariadic index of the first variadic argument, -1 when there is none */
    static MethodHandle calling(String name, int firstVariadic, FunctionDescriptor descriptor) {
        MemorySegment function = LINKER.defaultLookup().findOrThrow(name);
        Linker.Option errno = Linker.Option.captureCallState("errno");
        return firstVariadic < 0
                ? LINKER.downcallHandle(function, descriptor, errno)
                : LINKER.downcallHandle(function, descriptor, errno, Linker.Option.firstVariadicArg(firstVariadic));
    }

    /** Memory that a call needs to report its error number; one per thread, kept for as long as the arena lives. */
    public static MemorySegment newCallState(Arena arena) {
        return arena.allocate(CALL_STATE);
    }

    static long answer(long result, MemorySegment state) {
        return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
    }

    static AssertionError impossible(Throwable thrown) {
        return new AssertionError("a system call never throws", thrown);
    }

    /** @return a descriptor that is closed on exec */
    public static int open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = newCallState(arena);
            return (int) answer((int) OPEN.invokeExact(state, arena.allocateFrom(path), flags | O_CLOEXEC, 0), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    public static int close(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = newCallState(arena);
            return (int) answer((int) CLOSE.invokeExact(state, descriptor), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    public static long read(int descriptor, MemorySegment target, long length, MemorySegment state) {
        try {
            return answer((long) READ.invokeExact(state, descriptor, target, length), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    public static long write(int descriptor, MemorySegment source, long length, MemorySegment state) {
        try {
            return answer((long) WRITE.invokeExact(state, descriptor, source, length), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    public static int ioctl(int descriptor, long request, MemorySegment argument) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = newCallState(arena);
            return (int) answer((int) IOCTL.invokeExact(state, descriptor, request, argument), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    public static int mount(String source, Path target, String type, long flags, String data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = newCallState(arena);
            return (int) answer(
                    (int) MOUNT.invokeExact(
                            state,
                            arena.allocateFrom(source),
                            arena.allocateFrom(target.toString()),
                            arena.allocateFrom(type),
                            flags,
                            arena.allocateFrom(data)),
                    state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    public static int unmount(Path target, boolean lazy) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = newCallState(arena);
            return (int) answer(
                    (int) UMOUNT2.invokeExact(state, arena.allocateFrom(target.toString()), lazy ? MNT_DETACH : 0),
                    state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Asks the filesystem at a path for its figures and drops them: 0 when it answers, else the negated error number. */
    public static int statvfs(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = newCallState(arena);
            // struct statvfs has at most 112 bytes on 64-bit Linux
            return (int) answer(
                    (int) STATVFS.invokeExact(state, arena.allocateFrom(path.toString()), arena.allocate(256)), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    public static int effectiveUser() {
        return withoutFailure(GETEUID);
    }

    public static int effectiveGroup() {
        return withoutFailure(GETEGID);
    }

    private static int withoutFailure(MethodHandle call) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) call.invokeExact(newCallState(arena));
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    public static boolean isRoot() {
        return effectiveUser() == 0;
    }
}
