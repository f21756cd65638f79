package org.qsfs.zdb.file;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The memory in which the system keeps bytes of files. Hints only: what is not possible does not happen, and nobody is told. */
@SuppressWarnings("restricted")
final class PageCache {
    /** O_RDONLY | O_CLOEXEC of asm-generic/fcntl.h. */
    private static final int OPEN_FLAGS = 02000000;
    /** POSIX_FADV_DONTNEED of linux/fadvise.h. */
    private static final int DONTNEED = 4;

    private static final Logger LOG = LoggerFactory.getLogger(PageCache.class);
    private static final Linker LINKER = Linker.nativeLinker();
    private static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");

    private PageCache() {}

    /** The functions are looked up with the first use, which other systems do not make. */
    private static final class Calls {
        private static final MethodHandle OPEN =
                call("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));
        private static final MethodHandle CLOSE = call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        private static final MethodHandle ADVISE =
                call("posix_fadvise", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

        private static MethodHandle call(String name, FunctionDescriptor descriptor, Linker.Option... options) {
            return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
        }
    }

    /** Gives the memory back that holds durable bytes of a file. */
    static void drop(Path file) {
        if (!LINUX) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(file.toString());
            int descriptor = (int) Calls.OPEN.invokeExact(path, OPEN_FLAGS);
            if (descriptor >= 0) {
                int ignored = (int) Calls.ADVISE.invokeExact(descriptor, 0L, 0L, DONTNEED);
                ignored = (int) Calls.CLOSE.invokeExact(descriptor);
            }
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            // native access that was not granted, or another C library
            LOG.debug("the system keeps {} in memory as long as it likes: {}", file, e.toString());
        }
    }
}
