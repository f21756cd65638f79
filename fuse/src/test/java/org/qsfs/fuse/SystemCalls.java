package org.qsfs.fuse;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** System calls that Java does not have. Results that are negative are negated error numbers. */
@SuppressWarnings("restricted")
final class SystemCalls {
    private static final Linker LINKER = Linker.nativeLinker();

    private SystemCalls() {}

    private static long call(String name, FunctionDescriptor descriptor, Object... arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            Object[] all = new Object[arguments.length + 1];
            all[0] = state;
            for (int i = 0; i < arguments.length; i++) {
                all[i + 1] = arguments[i] instanceof Path path ? arena.allocateFrom(path.toString()) : arguments[i];
            }
            Number result = (Number) LINKER.downcallHandle(
                            LINKER.defaultLookup().findOrThrow(name),
                            descriptor,
                            Linker.Option.captureCallState("errno"))
                    .invokeWithArguments(all);
            int errno = (int) Linker.Option.captureStateLayout()
                    .varHandle(MemoryLayout.PathElement.groupElement("errno"))
                    .get(state, 0L);
            return result.longValue() < 0 ? -errno : result.longValue();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    static long rename(Path from, Path to, int flags) {
        int here = -100;
        return call(
                "renameat2",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT),
                here,
                from,
                here,
                to,
                flags);
    }

    static int open(Path file, int flags) {
        return (int) call("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), file, flags, 0644);
    }

    static long seek(int descriptor, long offset, int whence) {
        return call(
                "lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT), descriptor, offset, whence);
    }

    static long allocate(int descriptor, int mode, long offset, long length) {
        return call(
                "fallocate",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
                descriptor,
                mode,
                offset,
                length);
    }

    static long copyRange(int from, int to, long length) {
        return call(
                "copy_file_range",
                FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT),
                from,
                MemorySegment.NULL,
                to,
                MemorySegment.NULL,
                length,
                0);
    }
}
