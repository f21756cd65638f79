package org.qsfs.zdb.file;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the system may be told of files. Hints only: what is not possible does not happen, and nobody is told. */
@SuppressWarnings("restricted")
final class SystemHints {
    /** O_RDONLY, O_RDWR and O_CLOEXEC of asm-generic/fcntl.h. */
    private static final int READ_ONLY = 0;

    private static final int READ_WRITE = 2;
    private static final int CLOSE_ON_EXEC = 02000000;
    /** POSIX_FADV_DONTNEED of linux/fadvise.h. */
    private static final int DONTNEED = 4;
    /** FALLOC_FL_KEEP_SIZE of linux/falloc.h. */
    private static final int KEEP_SIZE = 1;

    private static final Logger LOG = LoggerFactory.getLogger(SystemHints.class);
    private static final Linker LINKER = Linker.nativeLinker();
    private static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");

    private SystemHints() {}

    /** The functions are looked up with the first use, which other systems do not make. */
    private static final class Calls {
        private static final MethodHandle OPEN =
                call("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));
        private static final MethodHandle CLOSE = call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        private static final MethodHandle ADVISE =
                call("posix_fadvise", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
        private static final MethodHandle ALLOCATE =
                call("fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
        private static final MethodHandle TRUNCATE =
                call("truncate", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

        private static MethodHandle call(String name, FunctionDescriptor descriptor, Linker.Option... options) {
            return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
        }
    }

    /** Gives the memory back that holds durable bytes of a file. */
    static void drop(Path file) {
        withDescriptor(file, READ_ONLY, descriptor -> (int) Calls.ADVISE.invokeExact(descriptor, 0L, 0L, DONTNEED));
    }

    /** Lays out room for bytes that will be written, beyond the end of a file; its length stays. */
    static void reserve(Path file, long from, long bytes) {
        withDescriptor(
                file, READ_WRITE, descriptor -> (int) Calls.ALLOCATE.invokeExact(descriptor, KEEP_SIZE, from, bytes));
    }

    /** Gives back room beyond the end of a file, which nobody writes to meanwhile. The length that it has under this name counts, so another file that was put there loses nothing. */
    static void giveBackReserved(Path file) {
        attempt(file, path -> (int) Calls.TRUNCATE.invokeExact(path, Files.size(file)));
    }

    private interface DescriptorCall {
        int on(int descriptor) throws Throwable;
    }

    private interface PathCall {
        int on(MemorySegment path) throws Throwable;
    }

    private static void withDescriptor(Path file, int mode, DescriptorCall call) {
        attempt(file, path -> {
            int descriptor = (int) Calls.OPEN.invokeExact(path, mode | CLOSE_ON_EXEC);
            if (descriptor < 0) {
                return descriptor;
            }
            try {
                return call.on(descriptor);
            } finally {
                int ignored = (int) Calls.CLOSE.invokeExact(descriptor);
            }
        });
    }

    private static void attempt(Path file, PathCall call) {
        if (!LINUX) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            int ignored = call.on(arena.allocateFrom(file.toString()));
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            // native access that was not granted, or another C library
            LOG.debug("the system is told nothing of {}: {}", file, e.toString());
        }
    }
}
